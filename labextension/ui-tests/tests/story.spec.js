// The user's story, from an untagged notebook to a rollback. Each part goes on where the one before ended.
const { execFileSync } = require('node:child_process');
const { mkdirSync } = require('node:fs');
const path = require('node:path');
const { expect, test } = require('@playwright/test');
const { accessible, complaints, open, panel, picture, run, tab } = require('./lab');

test.describe.configure({ mode: 'serial' });

const project = process.env.NB2PROD_STORY ?? path.join(__dirname, '..', 'test-results', 'project');
const python = process.env.NB2PROD_PYTHON ?? 'python';

/** What the user does in a terminal: commit. */
function commit(message) {
  execFileSync('git', ['add', '-A'], { cwd: project });
  execFileSync('git', ['commit', '-qm', message], { cwd: project });
}

/** The panel is done with a job. */
async function done(page, milliseconds) {
  await expect(panel(page).locator('.jp-nb2prod-job progress')).toBeVisible();
  await expect(panel(page).locator('.jp-nb2prod-job progress')).toHaveCount(0, { timeout: milliseconds });
}

test('warnings: see them, jump, fix, undo', async ({ page }) => {
  const found = complaints(page);
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
  await run(page, 'docmanager:save');
  await expect(page.locator('.jp-mod-current.jp-mod-dirty')).toHaveCount(0);
  expect(found).toEqual([]);
});

test('pipeline: accept the proposal, convert, see the verdict', async ({ page }) => {
  const found = complaints(page);
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
  await expect(panel(page).getByText('verdict: same')).toBeVisible({ timeout: 240_000 });
  await expect(panel(page).getByRole('button', { name: 'report', exact: true })).toBeVisible();
  await panel(page).getByRole('button', { name: /load hands/ }).first().press('Enter');
  await expect(panel(page).locator('.jp-nb2prod-details')).toContainText('parquet');
  await accessible(page);
  await picture(page, 'pipeline');
  await panel(page).getByText('Parameters', { exact: true }).click();
  await panel(page).getByLabel('regularisation').fill('0.5');
  await panel(page).getByRole('button', { name: 'Write and run' }).click();
  await done(page, 90_000);
  await expect(panel(page).getByText('verdict: same')).toBeVisible();

  await panel(page).getByRole('button', { name: 'train', exact: true }).click();
  await panel(page).getByRole('button', { name: 'Debug' }).click();
  await expect(panel(page).getByText('Stage train stands open')).toBeVisible({ timeout: 60_000 });
  await expect(panel(page).getByText(/inputs loaded: .*X_train/)).toBeVisible();
  await panel(page).getByRole('button', { name: 'Open a console' }).click();
  const prompt = page.locator('.jp-ConsolePanel .jp-CodeConsole-input .cm-content');
  await expect(page.locator('.jp-ConsolePanel')).toContainText('IPython', { timeout: 60_000 }); // it is connected
  await prompt.click();
  await page.keyboard.type('len(X_train) + 1');
  await page.keyboard.press('Shift+Enter');
  await expect(page.locator('.jp-ConsolePanel .jp-OutputArea-output').last()).toHaveText('301', { timeout: 30_000 });
  const end = await panel(page).getByText(/^kill \d+$/).textContent();
  process.kill(Number(end.slice(5)));
  expect(found).toEqual([]);
});

test('readiness: fill the form, see it rise', async ({ page }) => {
  const found = complaints(page);
  await open(page);
  await tab(page, 'Readiness').click();
  const score = panel(page).locator('.jp-nb2prod-score [role=status]');
  await expect(score).toBeVisible({ timeout: 60_000 });
  const before = await score.textContent();
  await panel(page).getByText('What only people know').click();
  const answers = {
    decision: 'Whom to call before they leave',
    'owner.name': 'Team Retention',
    'owner.contact': 'retention@example.org',
    'owner.escalation': 'the head of sales',
    failure: 'Nobody is called; the list is last week’s',
    retrain: 'monthly',
    'output.positive': '1'
  };
  for (const [name, text] of Object.entries(answers)) {
    await panel(page).locator(`textarea[name="${name}"]`).fill(text);
  }
  await panel(page).getByRole('button', { name: 'Write production.yaml' }).click();
  await expect(score).not.toHaveText(before, { timeout: 60_000 });
  await panel(page).getByText('What only people know').click();
  await accessible(page);
  await picture(page, 'readiness');
  expect(found).toEqual([]);
});

test('deployment: release, deploy, roll back', async ({ page }) => {
  const found = complaints(page);
  const store = path.join(project, '..', 'store');
  mkdirSync(store, { recursive: true });
  execFileSync(python, ['-m', 'dvc', 'remote', 'add', '-d', '-f', 'store', store], { cwd: project });
  commit('the pipeline');
  await open(page);
  await tab(page, 'Deployment').click();
  const dialog = page.locator('.jp-Dialog');
  const release = async () => {
    await panel(page).getByRole('button', { name: 'Release this state…' }).click({ timeout: 60_000 });
    await dialog.getByRole('button', { name: 'Release' }).click();
    await done(page, 120_000);
  };
  const deploy = async version => {
    await panel(page).getByRole('button', { name: `Deploy ${version}…` }).click({ timeout: 60_000 });
    await dialog.getByRole('button', { name: 'Ok' }).click();
    await dialog.getByRole('button', { name: 'Promote' }).click();
    await done(page, 90_000);
  };
  const champion = panel(page).getByRole('article', { name: 'production' }).locator('strong');
  await release(); // the first one writes the schema of the inputs, and asks to look at it
  await expect(panel(page).getByRole('alert')).toContainText('schema');
  commit('the schema of the inputs');
  await release();
  await deploy('v1');
  await expect(champion).toHaveText('v1', { timeout: 60_000 });

  await tab(page, 'Pipeline').click();
  await panel(page).getByText('Parameters', { exact: true }).click();
  await panel(page).getByLabel('weight').fill('1');
  await panel(page).getByRole('button', { name: 'Write and run' }).click();
  await done(page, 90_000);
  commit('calls per year count');
  await tab(page, 'Deployment').click();
  await release();
  await deploy('v2');
  await expect(champion).toHaveText('v2', { timeout: 60_000 });
  await accessible(page);
  await picture(page, 'deployment');

  await panel(page).getByRole('button', { name: 'Roll back…' }).click();
  await expect(dialog).toContainText('takes its place again');
  await dialog.getByLabel('Because').fill('more calls than the team can make');
  await dialog.getByRole('button', { name: 'Roll back' }).click();
  await done(page, 90_000);
  await expect(champion).toHaveText('v1', { timeout: 60_000 });
  await panel(page).getByText('History', { exact: true }).click();
  await expect(panel(page).locator('.jp-nb2prod-history')).toContainText('more calls than the team can make');
  expect(found).toEqual([]);
});

test('a hidden panel sends nothing', async ({ page }) => {
  await open(page);
  await expect(panel(page).getByText(/^\d+ warnings?$|No warnings/).first()).toBeVisible();
  await page.waitForTimeout(1000);
  const sent = [];
  page.on('request', request => request.url().includes('/nb2prod/api/') && sent.push(request.url()));
  await page.evaluate(() => window.jupyterapp.commands.execute('application:toggle-right-area'));
  await expect(panel(page)).toBeHidden();
  await page.locator('.jp-Notebook .jp-Cell .cm-content').nth(1).click();
  await page.keyboard.type('# a comment\n');
  await page.waitForTimeout(1500);
  expect(sent).toEqual([]);
});
