import { PathExt } from '@jupyterlab/coreutils';
import type { CommandRegistry } from '@lumino/commands';
import type { IActions } from '../actions';
import type { IWorkbench } from '../tokens';
import { cellOf, tag } from './edits';
import { tellTrouble } from './telling';

type Acts = Pick<
  IActions,
  | 'accept'
  | 'start'
  | 'writeParameters'
  | 'readLog'
  | 'openStage'
  | 'hasConsoles'
  | 'openConsole'
  | 'writeContract'
  | 'trace'
>;

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (error) {
    tellTrouble(error);
    return false;
  }
}

const CONSOLE = 'console:create';

/** What can be done with stages and the pipeline. */
export function pipelineActs(bench: IWorkbench, commands: CommandRegistry): Acts {
  const { active, jobs, pipeline } = bench;

  const begin = async (verb: string, options: Record<string, unknown>): Promise<void> => {
    const context = active.panel!.context;
    if (context.model.dirty) {
      await context.save();
    }
    if (!pipeline.found) {
      await pipeline.refresh();
    }
    const bare = pipeline.found && !pipeline.found.exists && !(pipeline.found.has_git && pipeline.found.has_dvc);
    await jobs.start(verb, verb === 'convert' && bare ? { init: true, ...options } : options);
  };

  return {
    accept: stages => {
      const model = active.panel!.context.model;
      for (const stage of stages) {
        const [ids, role] = stage.is_report ? [stage.cells, 'report'] : [[stage.opens], `stage:${stage.name}`];
        ids.map(id => cellOf(model, id)).forEach(cell => cell && tag(cell, role));
      }
      bench.stages.accepted(stages);
    },
    start: async (verb, options = {}) => void (await succeeds(begin(verb, options))),
    writeParameters: async (values, andRun) => {
      const done = await succeeds(pipeline.write(values));
      return done && (!andRun || succeeds(begin('run', {})));
    },
    readLog: async stage => void (await succeeds(pipeline.read(stage))),
    openStage: async stage => {
      const path = PathExt.join(pipeline.folder, 'stages', `${stage}.ipynb`);
      await succeeds(commands.execute('docmanager:open', { path }));
    },
    hasConsoles: () => commands.hasCommand(CONSOLE),
    openConsole: async (job, stage) => {
      const open = async (): Promise<void> => {
        const id = await jobs.kernelOf(job);
        const basePath = PathExt.dirname(active.path);
        const options = { basePath, name: stage, kernelPreference: { id }, insertMode: 'split-bottom', activate: true };
        await commands.execute(CONSOLE, options);
      };
      await succeeds(open());
    },
    writeContract: answers => succeeds(bench.readiness.write(answers)),
    trace: async id => void (id && (await succeeds(bench.deployment.trace(id))))
  };
}
