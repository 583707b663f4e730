import { Trouble } from '../api/client';
import { FakeActive, FakeServer, settle } from '../testing/active';
import { MOST_ROWS, WarningsModel } from './warnings';

const one = (code: string, cell = 'a', message = 'text'): Record<string, unknown> => ({
  code,
  cell_id: cell,
  cell_index: 0,
  message,
  name: code.toLowerCase(),
  severity: 'warning',
  line: 1,
  column: 0
});

function made(): { active: FakeActive; server: FakeServer; model: WarningsModel } {
  const active = new FakeActive();
  const server = new FakeServer();
  return { active, server, model: new WarningsModel(active, server.ask) };
}

const cellsOf = (body: Record<string, unknown>): Record<string, unknown>[] =>
  (body.notebook as { cells: Record<string, unknown>[] }).cells;

test('nothing is asked while nobody watches', async () => {
  const { active, server, model } = made();
  active.edited.emit();
  await model.refresh();
  expect(server.asked).toEqual([]);
});

test('edits in between are asked about once, when the answer is there', async () => {
  const { active, server, model } = made();
  model.watch(true);
  await settle();
  active.edited.emit();
  active.edited.emit();
  expect(server.asked).toHaveLength(1);
  await server.answer({ diagnostics: [one('NB1')], left_out: 0 });
  expect(server.asked).toHaveLength(2);
  await server.answer({ diagnostics: [], left_out: 0 });
  expect(server.asked).toHaveLength(2);
  expect(model.diagnostics).toEqual([]);
});

test('an answer about another notebook is dropped', async () => {
  const { active, server, model } = made();
  model.watch(true);
  await settle();
  active.path = 'other.ipynb';
  active.switched.emit();
  await server.answer({ diagnostics: [one('NB1')], left_out: 0 });
  expect(model.diagnostics).toEqual([]);
});

test('outputs are sent once, and again where the server does not know them', async () => {
  const { active, server, model } = made();
  model.watch(true);
  await settle();
  expect(cellsOf(server.asked[0].body)[0].outputs).toEqual([{ output_type: 'stream', text: 'said' }]);
  await server.answer({ diagnostics: [], left_out: 0 });
  active.edited.emit();
  await settle();
  expect(cellsOf(server.asked[1].body)[0].outputs).toBeUndefined();
  await server.fail(new Trouble('unknown', '', 'OutputsNeeded', 409));
  expect(cellsOf(server.asked[2].body)[0].outputs).toBeDefined();
});

test('large outputs are cut, each and all together; a fix has those of its cell whole', async () => {
  const { active, server, model } = made();
  active.output = 'A'.repeat(50_000_000);
  active.cells = Array.from({ length: 300 }, (_, at) => ({ id: `c${at}`, source: 'x = 1' }));
  model.watch(true);
  await settle();
  expect(JSON.stringify(server.asked[0].body).length).toBeLessThan(5_000_000);
  expect(JSON.stringify(cellsOf(server.asked[0].body)[0]).length).toBeLessThan(21_000);
  await server.answer({ diagnostics: [], left_out: 0 });
  void model.mended(one('NB401', 'c7') as never);
  await settle();
  const sent = cellsOf(server.asked[1].body).map(cell => cell.outputs as { text: string }[] | undefined);
  expect(sent[7]?.[0].text).toHaveLength(50_000_000);
  expect(sent[6]).toBeUndefined();
});

test('trouble is shown, and gone with the next answer', async () => {
  const { active, server, model } = made();
  model.watch(true);
  await settle();
  await server.fail(new Trouble('Not Found', '', '', 404));
  expect(model.trouble?.isMissing).toBe(true);
  expect(model.isKnown).toBe(false);
  active.edited.emit();
  await settle();
  await server.answer({ diagnostics: [], left_out: 0 });
  expect(model.trouble).toBeNull();
  expect(model.isKnown).toBe(true);
});

test('the filter looks at code, name, severity and message; groups are by cell or rule; lists are capped', () => {
  const { model } = made();
  model.confirm([one('NB1', 'a', 'Path'), one('NB2', 'a'), one('NB1', 'b')] as never);
  expect(model.groups.map(([key, rows]) => [key, rows.length])).toEqual([['a', 2], ['b', 1]]);
  model.set({ grouping: 'rule' });
  expect(model.groups.map(([key]) => key)).toEqual(['NB1 nb1', 'NB2 nb2']);
  model.set({ filter: ' path ' });
  expect(model.shown).toHaveLength(1);
  model.set({ filter: '', grouping: 'cell' });
  model.confirm(Array.from({ length: 500 }, (_, at) => one('NB1', `c${at}`)) as never);
  expect(model.groups).toHaveLength(MOST_ROWS);
});

test('what is hidden shows nothing old', async () => {
  const { server, model } = made();
  model.watch(true);
  await settle();
  await server.answer({ diagnostics: [one('NB1')], left_out: 0 });
  model.watch(false);
  expect(model.diagnostics).toEqual([]);
});
