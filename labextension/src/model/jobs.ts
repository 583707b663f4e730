import type { Event } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Ask, Body } from '../api/client';
import type { IConsoleAnswer, IJob, IJobAnswer, IJobsAnswer } from '../api/records';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

export const EVENT = 'https://nb2prod.invalid/events/job';

/** Milliseconds without news after which a job at work is asked about: its news may be lost with a server. */
const SILENCE = 5000;

/**
 * The jobs of the active notebook, and those at work that were begun or seen here before. What the server pushes is
 * taken over; the list is asked for after a reload, and while something is at work of which nothing is heard.
 */
export class JobsModel extends WatchedModel {
  constructor(
    active: IActiveNotebook,
    private _ask: Ask,
    events: Event.IManager
  ) {
    super(active);
    events.stream.connect((_, event) => {
      if (event.schema_id === EVENT) {
        this.take((event as unknown as { job: IJob }).job);
      }
    });
  }

  /** Those of the active notebook, the newest first. */
  get jobs(): IJob[] {
    return this._known.filter(one => one.path === this.active.path);
  }

  /** A job ended, well or not; it may be another notebook's. */
  get ended(): ISignal<this, IJob> {
    return this._ended;
  }

  /** The one at work, or null. */
  get running(): IJob | null {
    return this.jobs.find(isRunning) ?? null;
  }

  /** The last one of these verbs. */
  last(...verbs: string[]): IJob | null {
    return this.jobs.find(one => verbs.includes(one.verb)) ?? null;
  }

  /** Begin one. */
  async start(verb: string, options: Body = {}): Promise<IJob> {
    const answer = await this._ask<IJobAnswer>('POST', 'jobs', { path: this.active.path, verb, options });
    this.take(answer.job);
    return answer.job;
  }

  /** Stop the one at work. */
  async cancel(): Promise<void> {
    if (this.running) {
      this.take((await this._ask<IJobAnswer>('DELETE', 'jobs', { id: this.running.id })).job);
    }
  }

  /** The id of the kernel of a stage that this job opened. */
  async kernelOf(job: string): Promise<string> {
    return (await this._ask<IConsoleAnswer>('POST', 'console', { id: job })).kernel;
  }

  /** News of a job. News of one that has ended already is old. */
  take(job: IJob): void {
    const known = this._known.find(one => one.id === job.id);
    if (known ? !isRunning(known) : job.path !== this.active.path) {
      return;
    }
    this._known = known ? this._known.map(one => (one === known ? job : one)) : [job, ...this._known];
    this.wait();
    this.stateChanged.emit();
    if (!isRunning(job)) {
      this._ended.emit(job);
    }
  }

  protected async ask(path: string): Promise<() => void> {
    const before = this._known;
    const paths = new Set([path, ...before.filter(isRunning).map(one => one.path)]);
    const answers = await Promise.all([...paths].map(one => this._ask<IJobsAnswer>('GET', 'jobs', { path: one })));
    return () => this._compare(before, answers.flatMap(one => one.jobs));
  }

  /** Take the list over. A job that was at work, and that the server does not know any more, is lost. */
  private _compare(before: IJob[], listed: IJob[]): void {
    const working = before.filter(isRunning);
    const here = listed.filter(one => one.path === this.active.path && !this._known.some(({ id }) => id === one.id));
    this._known = [...this._known, ...here].sort((one, other) => other.began - one.began);
    for (const one of working) {
      this.take(listed.find(({ id }) => id === one.id) ?? { ...one, state: 'lost', trouble: null });
    }
  }

  protected forget(): void {
    this._known = this._known.filter(isRunning);
  }

  /** What is at work is followed to its end, or its notification would say for ever that it is. */
  protected get looks(): boolean {
    return super.looks || this._known.some(isRunning);
  }

  protected get patience(): number {
    return this._known.some(isRunning) ? SILENCE : super.patience;
  }

  private _known: IJob[] = [];
  private _ended = new Signal<this, IJob>(this);
}

function isRunning(job: IJob): boolean {
  return job.state === 'running';
}
