import { locked, replace, roleOf, tag } from './edits';

class Cell {
  metadata: Record<string, unknown> = {};
  edits: [number, number, string][] = [];
  constructor(
    public source: string,
    readonly id = 'a'
  ) {}
  type = 'code';
  sharedModel = {
    getSource: () => this.source,
    updateSource: (from: number, to: number, text: string) => {
      this.edits.push([from, to, text]);
      this.source = this.source.slice(0, from) + text + this.source.slice(to);
    }
  };
  getMetadata = (key: string): unknown => this.metadata[key];
  setMetadata = (key: string, value: unknown): void => void (this.metadata[key] = value);
  deleteMetadata = (key: string): void => void delete this.metadata[key];
}

test.each([
  ['a = 1', 'a = 2'],
  ['f(x)', 'f(x, random_state=0)'],
  ['aaa', 'aa'],
  ['', 'x'],
  ['x', ''],
  ['abab', 'abcab']
])('%j becomes %j in one step', (before, after) => {
  const cell = new Cell(before);
  replace(cell as never, after);
  expect(cell.source).toBe(after);
  expect(cell.edits).toHaveLength(1);
});

test('a tag takes the place of another role, and other tags stay', () => {
  const cell = new Cell('');
  cell.metadata.tags = ['mine', 'stage:old', 'skip'];
  tag(cell as never, 'stage:new');
  expect(cell.metadata.tags).toEqual(['mine', 'stage:new']);
  expect(roleOf(cell as never)).toBe('stage:new');
  tag(cell as never, '');
  expect(cell.metadata.tags).toEqual(['mine']);
});

test.each(['parameters', 'setup', 'skip', 'report'])('a cell that opens a stage becomes %s, and no more', role => {
  const cell = new Cell('');
  cell.metadata.tags = ['stage:old'];
  tag(cell as never, role);
  expect(cell.metadata.tags).toEqual([role]);
  tag(cell as never, 'stage:new');
  expect(cell.metadata.tags).toEqual(['stage:new']);
});

test('locked cells are seen before a fix touches them', () => {
  const cell = new Cell('x');
  cell.metadata.editable = false;
  const mended = (source: string): never => ({ cells: [{ origin: 'a', source, outputs: null, tags: [] }] }) as never;
  const model = { cells: [cell] } as never;
  expect(locked(model, mended('y'))).toHaveLength(1);
  expect(locked(model, mended('x'))).toHaveLength(0);
});
