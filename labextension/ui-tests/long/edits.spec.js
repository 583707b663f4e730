// What the panel costs while one types into a notebook of 300 cells, and what 1,000 edits leave in memory.
const { readFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { expect, test } = require('@playwright/test');
const { open, panel, run } = require('../tests/lab');
const { large } = require('../tests/large');
const { Server } = require('../tests/server');
const { tasksOf } = require('../tests/tasks');

const EDITS = Number(process.env.NB2PROD_EDITS ?? 1000);
const ROUNDS = 4;
/** Milliseconds that the page may be held up. */
const LONG = 50;

const server = new Server('edits', 2);
test.use({ baseURL: server.url });
test.beforeAll(async () => {
  await server.start();
  writeFileSync(path.join(server.folder, 'large.ipynb'), large());
});
test.afterAll(() => server.kill());

const median = values => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
const sum = values => values.reduce((all, one) => all + one, 0);

async function opened(page) {
  await open(page, 'large.ipynb');
  await expect(panel(page).getByText(/^\d+ warnings?$|No warnings/).first()).toBeVisible();
}

async function show(page, isShown) {
  await run(page, isShown ? 'nb2prod:show-warnings' : 'application:toggle-right-area');
  await expect(panel(page)).toBeVisible({ visible: isShown });
  await page.waitForTimeout(2000);
  await page.locator('.jp-Notebook .jp-CodeCell .cm-content').nth(2).click();
  await page.keyboard.press('Control+End');
}

/** A name that nobody knows, and away with it; each is quiet long enough to be looked at. */
async function type(page) {
  await page.keyboard.type('\nmissing', { delay: 25 });
  await page.waitForTimeout(700);
  for (let at = 0; at < 8; at++) {
    await page.keyboard.press('Backspace', { delay: 15 });
  }
  await page.waitForTimeout(700);
}

test('typing is not held up', async ({ browser, page }) => {
  await opened(page);
  const found = { hidden: [], shown: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of ['hidden', 'shown']) {
      await show(page, name === 'shown');
      const tasks = await tasksOf(browser, page, async () => {
        for (let at = 0; at < 5; at++) {
          await type(page);
        }
      });
      found[name].push(tasks);
    }
  }
  for (const name of ['hidden', 'shown']) {
    const longest = Math.max(...found[name].flat());
    const work = median(found[name].map(sum));
    console.log(`panel ${name}: ${work.toFixed(0)} ms of work for five edits, the longest task ${longest.toFixed(0)} ms`);
    expect(longest).toBeGreaterThan(1);
  }
  expect(found.shown.flat().filter(one => one > LONG)).toEqual([]);
});

/** Megabytes after a collection, in the page and in the server; nodes of the document. */
async function memory(session) {
  await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  const { nodes } = await session.send('Memory.getDOMCounters');
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'utf8');
  return { page: usedSize / 1e6, server: Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024, nodes };
}

test(`${EDITS} edits leave nothing behind`, async ({ page }) => {
  await opened(page);
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.enable');
  await show(page, true);
  await page.keyboard.type('\nmissing');
  const seen = [];
  for (let at = 0; at <= EDITS; at++) {
    const answer = page.waitForResponse(one => one.url().includes('/nb2prod/api/check'));
    await page.keyboard.press(at % 2 ? 'Backspace' : 'x');
    await answer;
    if (at % (EDITS / 10) === 0) {
      seen.push(await memory(session));
      const { page: heap, server: resident, nodes } = seen.at(-1);
      console.log(`${at} edits: page ${heap.toFixed(1)} MB, ${nodes} nodes; server ${resident.toFixed(0)} MB`);
    }
  }
  // The first fifth fills what is kept on purpose.
  const [before, after] = [seen[2], seen.at(-1)];
  expect(after.page).toBeLessThan(before.page * 1.1);
  expect(after.server).toBeLessThan(before.server * 1.1);
  expect(after.nodes).toBeLessThan(before.nodes * 1.1);
});
