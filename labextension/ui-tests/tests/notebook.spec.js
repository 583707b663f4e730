// The same wheel in Notebook 7. Runs first: from JupyterLab's saved state Notebook 7 restores a file browser it has not.
const { expect, test } = require('@playwright/test');
const { panel, run } = require('./lab');

test('Notebook 7: the panel, its warnings, no error on the page', async ({ page }) => {
  const errors = [];
  // One error is Notebook's own: it is there without the panel, too.
  page.on('pageerror', error => error.message.includes("reading 'schema'") || errors.push(error.message));
  const warnings = [];
  page.on('console', message => /shared module|Unsatisfied/.test(message.text()) && warnings.push(message.text()));
  await page.goto('/notebooks/churn.ipynb?token=story');
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await run(page, 'nb2prod:show-warnings');
  await expect(panel(page).getByRole('tab', { name: 'Warnings' })).toBeVisible();
  await expect(panel(page).getByText(/\d+ warnings?|No warnings/).first()).toBeVisible();
  expect(errors).toEqual([]);
  expect(warnings).toEqual([]);
});
