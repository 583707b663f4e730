// From an untagged notebook to a verified pipeline in Notebook 7, as the first story does it in JupyterLab.
const { expect, test } = require('@playwright/test');
const { complaints, panel, run, tab } = require('../tests/lab');
const { Server } = require('../tests/server');

const server = new Server('notebook', 4);
test.use({ baseURL: server.url });
test.beforeAll(() => server.start());
test.afterAll(() => server.kill());

const job = page => panel(page).locator('.jp-nb2prod-job progress');

test('Notebook 7: accept the proposal, convert, change a parameter, run', async ({ page }) => {
  const found = complaints(page);
  await page.goto('/notebooks/churn.ipynb?token=story');
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await run(page, 'nb2prod:show-pipeline');
  await expect(tab(page, 'Pipeline')).toHaveAttribute('aria-selected', 'true');
  await panel(page).getByRole('button', { name: 'Accept all' }).click();
  await expect(page.locator('.jp-Cell[data-nb2prod-stage="load"]')).toBeVisible();
  await panel(page).getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(panel(page).getByText('verdict: same')).toBeVisible({ timeout: 600_000 });
  await panel(page).getByText('Parameters', { exact: true }).click();
  await panel(page).getByLabel('regularisation').fill('0.5');
  await panel(page).getByRole('button', { name: 'Write and run' }).click();
  await expect(job(page)).toBeVisible();
  await expect(job(page)).toHaveCount(0, { timeout: 300_000 });
  await expect(panel(page).getByRole('alert')).toHaveCount(0);
  await expect(panel(page).getByText('verdict: same')).toBeVisible();
  await expect(panel(page).getByText('stale', { exact: true })).toHaveCount(0);
  expect(found).toEqual([]);
});
