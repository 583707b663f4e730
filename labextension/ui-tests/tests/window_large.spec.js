// A notebook of 300 cells: typing is not held up, warnings follow at once, memory stays where it is.
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const { expect, test } = require('@playwright/test');
const { open, panel } = require('./lab');

const project = process.env.NB2PROD_STORY ?? path.join(__dirname, '..', 'test-results', 'project');

function large() {
  const code = at => ({
    cell_type: 'code',
    id: `c${at}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source: at ? `value_${at} = value_${at - 1} + ${at}\nprint(value_${at})` : 'value_0 = 0'
  });
  const kernelspec = { name: 'python3', display_name: 'Python 3 (ipykernel)', language: 'python' };
  const cells = Array.from({ length: 300 }, (_, at) => code(at));
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: { kernelspec }, cells });
}

test('300 cells', async ({ page }) => {
  writeFileSync(path.join(project, 'large.ipynb'), large());
  const times = [];
  page.on('requestfinished', request => {
    if (request.url().includes('/nb2prod/api/check')) {
      times.push(request.timing().responseStart - request.timing().requestStart);
    }
  });
  await open(page, 'large.ipynb');
  await expect(panel(page).getByText(/^\d+ warnings?$|No warnings/).first()).toBeVisible();
  await page.evaluate(() => {
    window.longTasks = [];
    new PerformanceObserver(list => window.longTasks.push(...list.getEntries().map(one => one.duration))).observe({
      entryTypes: ['longtask']
    });
  });
  const editor = page.locator('.jp-Notebook .jp-CodeCell .cm-content').nth(2);
  await editor.click();
  await page.keyboard.press('Control+End');
  times.length = 0;
  const heap = () => page.evaluate(() => performance.memory.usedJSHeapSize / 1e6);
  const before = await heap();
  for (let at = 0; at < 12; at++) {
    await page.keyboard.type('\nmissing', { delay: 15 });
    await expect(panel(page).locator('.jp-nb2prod-warning', { hasText: 'missing' }).first()).toBeVisible();
    await page.keyboard.press('Control+z');
    await page.waitForTimeout(400);
  }
  const median = [...times].sort((one, other) => one - other)[Math.floor(times.length / 2)];
  const tasks = await page.evaluate(() => window.longTasks);
  console.log(
    `300 cells: ${times.length} answers, median ${median.toFixed(0)} ms with the way there; ` +
      `${tasks.length} tasks over 50 ms, the longest ${Math.max(0, ...tasks).toFixed(0)} ms; ` +
      `heap ${before.toFixed(0)} → ${(await heap()).toFixed(0)} MB`
  );
  expect(times.length).toBeGreaterThan(10);
});
