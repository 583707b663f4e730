import { Signal } from '@lumino/signaling';
import { FakeActive, FakeServer, settle } from '../testing/active';
import { EVENT, JobsModel } from './jobs';

const job = (id: string, state: string, path = 'churn.ipynb'): never => ({ id, state, path, verb: 'run' }) as never;

function made(): { server: FakeServer; model: JobsModel; push: (job: unknown) => void } {
  const server = new FakeServer();
  const stream = new Signal<unknown, unknown>({});
  const model = new JobsModel(new FakeActive(), server.ask, { stream } as never);
  return { server, model, push: one => stream.emit({ schema_id: EVENT, job: one }) };
}

test('what is pushed is taken over, about this notebook only', () => {
  const { model, push } = made();
  push(job('1', 'running'));
  push(job('2', 'running', 'other.ipynb'));
  expect(model.jobs.map(one => one.id)).toEqual(['1']);
  expect(model.running?.id).toBe('1');
});

test('the end is told once, and old news does not undo it', () => {
  const { model, push } = made();
  const ended: string[] = [];
  model.ended.connect((_, one) => ended.push(one.id));
  push(job('1', 'running'));
  push(job('1', 'done'));
  push(job('1', 'running'));
  push(job('1', 'done'));
  expect(ended).toEqual(['1']);
  expect(model.running).toBeNull();
});

test('a page that comes back asks for the list', async () => {
  const { server, model } = made();
  model.watch(true);
  await settle();
  await server.answer({ jobs: [job('7', 'running')] });
  expect(model.running?.id).toBe('7');
});
