import type { Event } from '@jupyterlab/services';
import { type ISignal, Signal } from '@lumino/signaling';
import type { Ask, Body } from '../api/client';
import type { IJob, IJobAnswer, IJobsAnswer } from '../api/records';
import type { IActiveNotebook } from './active';
import { WatchedModel } from './watched';

export const EVENT = 'https://nb2prod.invalid/events/job';

/** The jobs of the active notebook. What the server pushes is taken over; the list is asked for anew after a reload. */
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

  jobs: IJob[] = [];

  /** A job ended, well or not. */
  get ended(): ISignal<this, IJob> {
    return this._ended;
  }

  /** The one at work, or null. */
  get running(): IJob | null {
    return this.jobs.find(one => one.state === 'running') ?? null;
  }

  /** The last one of a verb, or of any. */
  last(verb?: string): IJob | null {
    return this.jobs.find(one => !verb || one.verb === verb) ?? null;
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

  /** News of a job. News of one that has ended already is old. */
  take(job: IJob): void {
    if (job.path !== this.active.path) {
      return;
    }
    const known = this.jobs.find(one => one.id === job.id);
    if (known && known.state !== 'running') {
      return;
    }
    this.jobs = known ? this.jobs.map(one => (one.id === job.id ? job : one)) : [job, ...this.jobs];
    this.stateChanged.emit();
    if (job.state !== 'running') {
      this._ended.emit(job);
    }
  }

  protected async ask(path: string): Promise<() => void> {
    const answer = await this._ask<IJobsAnswer>('GET', 'jobs', { path });
    return () => {
      this.jobs = answer.jobs;
    };
  }

  protected forget(): void {
    this.jobs = [];
  }

  private _ended = new Signal<this, IJob>(this);
}
