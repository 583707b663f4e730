import { Signal } from '@lumino/signaling';
import { Trouble } from '../api/client';
import { FakeActive, FakeServer, settle } from '../testing/active';
import { EVENT, JobsModel } from './jobs';

const job = (id: string, state: string, path = 'churn.ipynb'): never => ({ id, state, path, verb: 'run', began: Number(id), trouble: null }) as never;

interface IMade {
  server: FakeServer;
  active: FakeActive;
  model: JobsModel;
  push: (job: unknown) => void;
  ended: string[];
}

function made(): IMade {
  const server = new FakeServer();
  const active = new FakeActive();
  const stream = new Signal<unknown, unknown>({});
  const model = new JobsModel(active, server.ask, { stream } as never);
  const ended: string[] = [];
  model.ended.connect((_, one) => ended.push(`${one.id} ${one.state}`));
  return { server, active, model, ended, push: one => stream.emit({ schema_id: EVENT, job: one }) };
}

/** A page that watches and has been told of job 7 at work. */
async function watching(): Promise<IMade> {
  const all = made();
  all.model.watch(true);
  await settle();
  await all.server.answer({ jobs: [job('7', 'running')] });
  return all;
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

async function later(milliseconds: number): Promise<void> {
  jest.advanceTimersByTime(milliseconds);
  await settle();
}

test('what is pushed is taken over, about this notebook only', () => {
  const { model, push } = made();
  push(job('1', 'running'));
  push(job('2', 'running', 'other.ipynb'));
  expect(model.jobs.map(one => one.id)).toEqual(['1']);
  expect(model.running?.id).toBe('1');
});

test('the end is told once, and old news does not undo it', () => {
  const { model, push, ended } = made();
  push(job('1', 'running'));
  push(job('1', 'done'));
  push(job('1', 'running'));
  push(job('1', 'done'));
  expect(ended).toEqual(['1 done']);
  expect(model.running).toBeNull();
});

test('a page that comes back asks for the list', async () => {
  const { model } = await watching();
  expect(model.running?.id).toBe('7');
});

test.each([
  ['ended while nobody told', [job('7', 'done')], '7 done'],
  ['is not known any more', [], '7 lost']
])('a job of which nothing is heard is asked about: it %s', async (_, jobs, end) => {
  const { server, model, ended } = await watching();
  expect(server.asked).toHaveLength(1);
  await later(6000);
  expect(server.asked).toHaveLength(2);
  await server.answer({ jobs });
  expect(ended).toEqual([end]);
  expect(model.running).toBeNull();
  await later(60_000);
  expect(server.asked).toHaveLength(2);
});

test('a job of which something is heard is not asked about', async () => {
  const { server, push } = await watching();
  for (let at = 0; at < 5; at++) {
    await later(4000);
    push(job('7', 'running'));
  }
  expect(server.asked).toHaveLength(1);
});

test('an answer that is older than the news does not undo it', async () => {
  const { server, model, push } = await watching();
  void model.refresh();
  await settle();
  push(job('7', 'done'));
  push(job('8', 'running'));
  await server.answer({ jobs: [job('7', 'running')] });
  expect(model.jobs.map(one => `${one.id} ${(one as { state: string }).state}`)).toEqual(['8 running', '7 done']);
});

test('a server that is away is asked again, and is believed', async () => {
  const { server, model, ended } = await watching();
  await later(6000);
  await server.fail(new Trouble('away', '', 'Network', 0));
  expect([model.running?.id, model.trouble?.message]).toEqual(['7', 'away']);
  await later(6000);
  await server.answer({ jobs: [job('7', 'lost')] });
  expect([ended, model.trouble]).toEqual([['7 lost'], null]);
});

test('the end of a job is told although its notebook is not the active one any more', async () => {
  const { active, model, push, ended } = await watching();
  active.path = 'other.ipynb';
  active.switched.emit();
  expect(model.jobs).toEqual([]);
  push(job('7', 'done'));
  expect(ended).toEqual(['7 done']);
});

test('a job is followed while the panel is hidden, and nothing is asked afterwards', async () => {
  const { server, model } = await watching();
  model.watch(false);
  await later(6000);
  expect(server.asked).toHaveLength(2);
  await server.answer({ jobs: [job('7', 'done')] });
  await later(60_000);
  expect(server.asked).toHaveLength(2);
});
