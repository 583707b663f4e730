// The user's story, from an untagged notebook to a rollback. Each part goes on where the one before ended.
const { expect, test } = require('@playwright/test');
const { accessible, open, panel, picture, run, tab } = require('./lab');

test.describe.configure({ mode: 'serial' });

test('warnings: see them, jump, fix, undo', async ({ page }) => {
  const errors = [];
  page.on('pageerror', error => errors.push(error.message));
  await open(page);
  const row = panel(page).locator('.jp-nb2prod-warning', { hasText: 'NB201' });
  await expect(row).toBeVisible();
  await row.locator('.jp-nb2prod-place').click();
  await expect(page.locator('.jp-Cell.jp-mod-active .cm-lintRange').first()).toBeVisible();
  await accessible(page);
  await picture(page, 'warnings');

  await row.getByRole('button', { name: 'Fix…' }).click();
  const dialog = page.locator('.jp-Dialog');
  await expect(dialog.locator('.jp-nb2prod-diff-added').last()).toContainText('random_state=0');
  await picture(page, 'fix');
  await dialog.getByRole('button', { name: 'Accept' }).click();
  await expect(row).toHaveCount(0);
  await page.getByRole('button', { name: 'Undo', exact: true }).first().click();
  await expect(row).toBeVisible();
  await row.getByRole('button', { name: 'Fix…' }).click();
  await dialog.getByRole('button', { name: 'Accept' }).click();
  await expect(row).toHaveCount(0);
  await page.keyboard.press('Control+s');
  expect(errors).toEqual([]);
});

test('pipeline: accept the proposal, convert, see the verdict', async ({ page }) => {
  await open(page);
  await tab(page, 'Pipeline').click();
  await expect(panel(page).getByText('This notebook has no pipeline yet.')).toBeVisible();
  await picture(page, 'proposal');
  await panel(page).getByRole('button', { name: 'Accept all' }).click();
  await expect(page.locator('.jp-Cell[data-nb2prod-stage="load"]')).toBeVisible();
  await panel(page).getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(panel(page).locator('.jp-nb2prod-job progress')).toBeVisible();
  await page.reload(); // the job goes on, and the panel says so afterwards
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await run(page, 'nb2prod:show-pipeline');
  await expect(panel(page).getByText('verdict: same')).toBeVisible({ timeout: 120_000 });
  await panel(page).getByRole('button', { name: /load hands/ }).first().press('Enter');
  await expect(panel(page).locator('.jp-nb2prod-details')).toContainText('parquet');
  await accessible(page);
  await picture(page, 'pipeline');
  await panel(page).getByText('Parameters', { exact: true }).click();
  await panel(page).getByLabel('regularisation').fill('0.5');
  await panel(page).getByRole('button', { name: 'Write and run' }).click();
  await expect(panel(page).locator('.jp-nb2prod-job progress')).toBeVisible();
  await expect(panel(page).locator('.jp-nb2prod-job progress')).toHaveCount(0, { timeout: 90_000 });
  await expect(panel(page).getByText('verdict: same')).toBeVisible();
});

test('a hidden panel sends nothing', async ({ page }) => {
  await open(page);
  await panel(page).getByRole('status').first().waitFor();
  const sent = [];
  page.on('request', request => request.url().includes('/nb2prod/api/') && sent.push(request.url()));
  await page.evaluate(() => window.jupyterapp.commands.execute('application:toggle-right-area'));
  await expect(panel(page)).toBeHidden();
  await page.locator('.jp-Notebook .jp-Cell .cm-content').nth(1).click();
  await page.keyboard.type('# a comment\n');
  await page.waitForTimeout(1500);
  expect(sent).toEqual([]);
});
