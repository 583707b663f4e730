// The tasks of a page's main thread, in its own time: what other processes take away does not count.

/** Milliseconds of each task while `work` is done. */
async function tasksOf(browser, page, work) {
  await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', '__metadata'] });
  await work();
  const events = JSON.parse((await browser.stopTracing()).toString()).traceEvents;
  const threadOf = one => `${one.pid} ${one.tid}`;
  const busy = new Map();
  for (const one of events.filter(({ name }) => name === 'FunctionCall')) {
    busy.set(threadOf(one), (busy.get(threadOf(one)) ?? 0) + one.tdur);
  }
  const main = events.filter(one => one.name === 'thread_name' && one.args.name === 'CrRendererMain').map(threadOf);
  const thread = main.sort((one, other) => (busy.get(other) ?? 0) - (busy.get(one) ?? 0))[0];
  const tasks = events.filter(one => /RunTask$/.test(one.name) && one.tdur !== undefined && threadOf(one) === thread);
  return tasks.map(one => one.tdur / 1000);
}

module.exports = { tasksOf };
