// The same wheel in Notebook 7. Runs first: from JupyterLab's saved state Notebook 7 restores a file browser it has not.
const { expect, test } = require('@playwright/test');
const { complaints, panel, run } = require('./lab');

test('Notebook 7: the panel, its warnings, no error on the page', async ({ page }) => {
  const found = complaints(page);
  await page.goto('/notebooks/churn.ipynb?token=story');
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await run(page, 'nb2prod:show-warnings');
  await expect(panel(page).getByRole('tab', { name: 'Warnings' })).toBeVisible();
  await expect(panel(page).getByText(/\d+ warnings?|No warnings/).first()).toBeVisible();
  expect(found).toEqual([]);
});
