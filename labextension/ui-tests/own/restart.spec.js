// What the panel says when there are two windows, and when the server goes away in the middle of a job. A server of its own.
const { readdirSync, readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { expect, test } = require('@playwright/test');
const { open, panel, run } = require('../tests/lab');
const { Server } = require('../tests/server');

test.describe.configure({ mode: 'serial' });

const server = new Server('restart', 1);
const { folder } = server;
test.use({ baseURL: server.url });

/** The job that was begun last, and all that it started. */
function killJob() {
  const jobs = path.join(`${folder}-home`, 'runtime', 'nb2prod');
  const last = readdirSync(jobs).sort().at(-1);
  process.kill(-JSON.parse(readFileSync(path.join(jobs, last, 'process.json'), 'utf8')).pid, 'SIGKILL');
}

const cell = (id, stage, source) => ({
  cell_type: 'code',
  id,
  metadata: { tags: [`stage:${stage}`] },
  execution_count: null,
  outputs: [],
  source
});
const notebook = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' } },
  cells: [cell('a', 'wait', 'import time\ntime.sleep(4)\nvalue = 1'), cell('b', 'use', 'value + 1')]
};

test.beforeAll(async () => {
  await server.start();
  writeFileSync(path.join(folder, 'slow.ipynb'), JSON.stringify(notebook));
});
test.afterAll(() => server.kill());

const progress = page => panel(page).locator('.jp-nb2prod-job progress');

async function shown(page) {
  await open(page, 'slow.ipynb');
  await run(page, 'nb2prod:show-pipeline');
}

async function reloaded(page) {
  await page.reload();
  await page.locator('.jp-Notebook .jp-Cell').first().waitFor();
  await run(page, 'nb2prod:show-pipeline');
}

/** The jobs' notification, which stays while something is at work. */
const atWork = page => page.locator('.Toastify__toast', { hasText: 'at work' });

test('two windows show the same job, and the second can cancel it', async ({ page, context }) => {
  await shown(page);
  await panel(page).getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(progress(page)).toBeVisible();
  const second = await context.newPage();
  await shown(second);
  await expect(progress(second)).toBeVisible();
  await expect(panel(second).getByRole('button', { name: 'Convert', exact: true })).toBeDisabled();
  await panel(second).getByRole('button', { name: 'Cancel' }).click();
  for (const one of [page, second]) {
    await expect(panel(one).getByText('convert was cancelled.')).toBeVisible();
    await expect(progress(one)).toHaveCount(0);
    await expect(panel(one).getByRole('button', { name: 'Convert', exact: true })).toBeEnabled();
  }
});

test('a job outlives its server: a page that stayed open and one that is reloaded say how it ended', async ({ page }) => {
  await shown(page);
  await panel(page).getByRole('button', { name: 'Convert', exact: true }).click();
  await expect(progress(page)).toBeVisible();
  await server.kill();
  await expect(panel(page).getByRole('alert').getByText('The server does not answer.')).toBeVisible();
  await server.start();
  await expect(panel(page).getByText('verdict: same')).toBeVisible({ timeout: 60_000 });
  await expect(progress(page)).toHaveCount(0);
  await expect(panel(page).getByText('The server does not answer.')).toHaveCount(0);
  await expect(atWork(page)).toHaveCount(0);
  await reloaded(page);
  await expect(panel(page).getByText('verdict: same')).toBeVisible();
  await expect(progress(page)).toHaveCount(0);
});

test('a job that died with its server is said to be lost', async ({ page }) => {
  await shown(page);
  await panel(page).getByRole('button', { name: 'Verify' }).click();
  await expect(progress(page)).toBeVisible();
  await server.kill();
  killJob();
  await server.start();
  const lost = panel(page).getByRole('alert').getByText('verify lost');
  await expect(lost).toBeVisible({ timeout: 30_000 });
  await expect(progress(page)).toHaveCount(0);
  await expect(atWork(page)).toHaveCount(0);
  await expect(panel(page).getByRole('button', { name: 'Verify' })).toBeEnabled();
  await reloaded(page);
  await expect(lost).toBeVisible();
  await expect(panel(page).getByText('its process ended without an answer')).toBeVisible();
  await expect(progress(page)).toHaveCount(0);
});
