import { fireEvent, render, screen } from '@testing-library/react';
import React from 'react';
import { Trouble } from '../api/client';
import { Differences } from '../panels/pipeline/Differences';
import { Notes } from '../panels/pipeline/Notes';
import { Proposal } from '../panels/pipeline/Proposal';
import { Tabs } from '../panels/tabs';
import { Badge } from './Badge';
import { Diff, kindOf } from './Diff';
import { JobNote } from './JobNote';
import { COMMAND, TroubleNote } from './TroubleNote';

const HOSTILE = '<img src=x onerror=alert(1)>';

test('text of a notebook is text', () => {
  const { container } = render(<Diff text={`+${HOSTILE}`} />);
  expect(container.querySelector('img')).toBeNull();
  expect(container.textContent).toContain(HOSTILE);
});

test.each([
  ['+++ a', 'head'],
  ['+a', 'added'],
  ['-a', 'removed'],
  [' a', 'same']
])('the line %j is %s', (line, kind) => expect(kindOf(line)).toBe(kind));

test('differences stand side by side, as text', () => {
  const one = { stage: 'train', what: 'variable', name: '`auc`', notebook: HOSTILE, pipeline: '0.83', cell: null };
  const { container } = render(<Differences job={{ result: { differences: [one] } } as never} />);
  expect([...container.querySelectorAll('td')].map(cell => cell.textContent)).toEqual([HOSTILE, '0.83']);
  expect(render(<Differences job={{ result: {} } as never} />).container.textContent).toBe('');
});

test('why a conversion did otherwise than it was told', () => {
  const { container } = render(<Notes job={{ result: { notes: [HOSTILE] } } as never} />);
  expect(container.textContent).toBe(HOSTILE);
  expect(render(<Notes job={{ result: null } as never} />).container.textContent).toBe('');
});

test.each([
  ['proposed', true, 'they only show something', ['Accept', 'Accept', 'Accept all']],
  ['tagged beside a proposal', true, '', ['Accept', 'Accept all']],
  ['tagged', false, '', []]
])('a report that is %s', (_, proposed, why, buttons) => {
  const train = { name: 'train', opens: 'a', cells: ['a'], why: proposed ? 'it trains' : '', is_report: false };
  const report = { name: 'report', opens: 'b', cells: ['b', 'c'], why, is_report: true };
  const cutting = { stages: [train, report], preamble: [], skipped: [], proposed, problem: '', hint: '' };
  const accepted: string[][] = [];
  const actions = { accept: (stages: { name: string }[]) => accepted.push(stages.map(one => one.name)) };
  render(<Proposal cutting={cutting} left={[]} actions={actions as never} />);
  const found = screen.queryAllByRole('button', { name: /^Accept/ });
  expect(found.map(one => one.textContent)).toEqual(buttons);
  expect(screen.getByText(why || 'runs last')).toBeTruthy();
  found.forEach(one => fireEvent.click(one));
  expect(accepted.pop()).toEqual(buttons.length ? ['train', 'report'] : undefined);
});

test('what is left of a proposal can be accepted too', () => {
  const stage = (name: string, why: string): never => ({ name, opens: name, cells: [name], why, is_report: false }) as never;
  const cutting = { stages: [stage('train', '')], preamble: [], skipped: [], proposed: false, problem: '', hint: '' };
  const accepted: number[] = [];
  const actions = { accept: (stages: unknown[]) => accepted.push(stages.length) };
  const left = [stage('load', 'it reads'), stage('score', 'it scores')];
  render(<Proposal cutting={cutting} left={left} actions={actions as never} />);
  screen.getAllByRole('button', { name: /^Accept/ }).forEach(one => fireEvent.click(one));
  expect(accepted).toEqual([1, 1, 2]);
});

test('a missing server part says the command', () => {
  render(<TroubleNote trouble={new Trouble('Not Found', '', '', 404)} />);
  expect(screen.getByText(COMMAND)).toBeTruthy();
});

test('arrow keys go round the tabs', () => {
  const chosen: string[] = [];
  const tabs = [
    { id: 'a', label: 'A' },
    { id: 'b', label: 'B' }
  ];
  render(<Tabs tabs={tabs} current="a" label="x" onChoose={id => chosen.push(id)} />);
  fireEvent.keyDown(screen.getByRole('tab', { name: 'A' }), { key: 'ArrowLeft' });
  expect(chosen).toEqual(['b']);
});

test('a badge has a sign beside its colour', () => {
  render(<Badge mood="bad" text="different" />);
  expect(screen.getByText('✕', { exact: false })).toBeTruthy();
});

test('a job at work can be cancelled, a failed one says why', () => {
  const progress = { phase: 'stage load', cell: 'cell 2', number: 2, total: 5, stage: 'load', done: [], notes: [] };
  const job = { id: '1', verb: 'run', path: '', state: 'running', began: 0, ended: null, progress, trouble: null };
  let isCancelled = false;
  const { rerender } = render(<JobNote job={job as never} onCancel={() => (isCancelled = true)} />);
  fireEvent.click(screen.getByRole('button', { name: 'Cancel' }));
  expect(isCancelled).toBe(true);
  const trouble = { message: 'cell 3 raised', hint: 'mend it', cell: '' };
  rerender(<JobNote job={{ ...job, state: 'failed', trouble } as never} onCancel={() => undefined} />);
  expect(screen.getByRole('alert').textContent).toContain('mend it');
});
