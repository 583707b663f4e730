import { edgesOf, nameOf } from '../../model/pipeline';
import { layoutOf } from './layout';
import { valueOf } from './values';

const stage = (name: string, needed: Record<string, string[]>, writes: string[] = [], reads: string[] = []): unknown => ({
  name,
  writes,
  reads,
  outputs: Object.entries(needed).map(([one, by]) => ({ names: [one], needed_by: by }))
});

test('edges are what is handed on, files too', () => {
  const stages = [stage('a', { x: ['b', 'c'], y: ['c'] }, ['f.csv']), stage('b', {}), stage('c', {}, [], ['f.csv'])];
  expect(edgesOf({ stages } as never)).toEqual([
    { from: 0, to: 1, names: ['x'] },
    { from: 0, to: 2, names: ['x', 'y', 'f.csv'] }
  ]);
  expect(nameOf(['$rng:numpy'])).toBe('random state');
});

test('edges that overlap have lanes of their own', () => {
  const edge = (from: number, to: number): never => ({ from, to, names: [] }) as never;
  const layout = layoutOf(4, [edge(0, 3), edge(0, 1), edge(1, 2), edge(1, 3)]);
  expect(layout.edges.map(one => [one.from, one.to, one.lane])).toEqual([
    [0, 1, 0],
    [1, 2, 0],
    [1, 3, 1],
    [0, 3, 2]
  ]);
});

test.each([
  ['integer', '3', 3],
  ['integer', '3.5', undefined],
  ['number', '3', 3],
  ['text', '007', '007'],
  ['truth', 'true', true],
  ['truth', 'yes', undefined],
  ['list', '[1, 2]', [1, 2]],
  ['list', '{}', undefined],
  ['mapping', '{"a": 1}', { a: 1 }],
  ['number', 'x', undefined]
])('a %s typed as %s', (type, typed, value) => {
  expect(valueOf({ name: 'p', value: null, type, stages: [] }, typed)).toEqual(value);
});
