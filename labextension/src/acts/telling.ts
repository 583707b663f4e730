import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Trouble } from '../api/client';
import type { IJob } from '../api/records';
import type { JobsModel } from '../model/jobs';

const SECONDS = 8000;

/** Say what went wrong. */
export function tellTrouble(error: unknown): void {
  const { message, hint } = error as Trouble;
  Notification.error(hint ? `${message}\n${hint}` : message, { autoClose: SECONDS });
}

/** How a job ended, in a sentence. */
export function sentenceOf(job: IJob, trans: TranslationBundle): string {
  const verdict = job.result?.verdict;
  if (job.state === 'done') {
    return typeof verdict === 'string' ? trans.__('%1: verdict %2', job.verb, verdict) : trans.__('%1: done', job.verb);
  }
  return trans.__('%1: %2', job.verb, job.trouble ? job.trouble.message.split('\n')[0] : job.state);
}

/** A notification for each job: it stays while the job is at work, and says how it ended. */
export function tellJobs(jobs: JobsModel, trans: TranslationBundle): void {
  const shown = new Map<string, string>();
  jobs.stateChanged.connect(() => {
    const job = jobs.running;
    if (job && !shown.has(job.id)) {
      const text = trans.__('%1 is at work…', job.verb);
      shown.set(job.id, Notification.emit(text, 'in-progress', { autoClose: false }));
    }
  });
  jobs.ended.connect((_, job) => {
    const id = shown.get(job.id);
    const isDifferent = job.result?.verdict === 'different';
    const type = job.state === 'done' && !isDifferent ? 'success' : job.state === 'cancelled' ? 'info' : 'error';
    if (id) {
      Notification.update({ id, message: sentenceOf(job, trans), type, autoClose: SECONDS });
    }
    shown.delete(job.id);
  });
}
