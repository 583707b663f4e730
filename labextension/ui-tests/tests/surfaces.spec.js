// Where the panel can be reached from, beside its own place.
const { expect, test } = require('@playwright/test');
const { complaints, open, run, tab } = require('./lab');

test('every surface has its place, and the panel is where it was after a reload', async ({ page }) => {
  const found = complaints(page);
  await open(page);
  await expect(page.locator('.jp-nb2prod-status')).toContainText('warning');
  await page.locator('.jp-DirListing-item', { hasText: 'churn.ipynb' }).click({ button: 'right' });
  await expect(page.locator('.lm-Menu').getByText('Open with Its Pipeline')).toBeVisible();
  await page.keyboard.press('Escape');
  const settings = () => window.jupyterapp.serviceManager.settings.fetch('nb2prod:panel');
  expect((await page.evaluate(settings)).schema.properties.underlines.type).toBe('boolean');
  await run(page, 'launcher:create');
  await expect(page.locator('.jp-Launcher').getByText('Show Pipeline')).toBeVisible();
  await tab(page, 'Readiness').click();
  await page.waitForTimeout(1500); // JupyterLab saves its layout now and then
  await page.reload();
  await expect(tab(page, 'Readiness')).toHaveAttribute('aria-selected', 'true', { timeout: 60_000 });
  expect(found).toEqual([]);
});
