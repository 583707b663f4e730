import type { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Commands } from '../commands';
import { icon } from '../icons';
import { IWorkbench, type Pane } from '../tokens';

type Options = CommandRegistry.ICommandOptions;

/** Commands, in the palette too. Menus, the notebook's toolbar and shortcuts name them in the settings' schema. */
export const commands: JupyterFrontEndPlugin<void> = {
  id: 'nb2prod:commands',
  description: 'Commands of nb2prod.',
  autoStart: true,
  requires: [IWorkbench],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    bench: IWorkbench,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ): void => {
    const trans = (translator ?? nullTranslator).load('nb2prod');
    const { active, jobs, warnings, actions } = bench;
    const describedBy = { args: { type: 'object', properties: {} } } as Options['describedBy'];
    const add = (command: string, options: Options): void => {
      app.commands.addCommand(command, { describedBy, ...options });
      palette?.addItem({ command, category: 'nb2prod' });
    };
    const show = (command: string, pane: Pane, label: string): void =>
      add(command, { label, icon, caption: label, execute: () => bench.show(pane) });
    const job = (command: string, verb: string, label: string): void =>
      add(command, {
        label,
        isEnabled: () => active.panel !== null && jobs.running === null,
        execute: () => {
          bench.show('pipeline');
          return actions.start(verb);
        }
      });

    show(Commands.warnings, 'warnings', trans.__('Show Warnings'));
    show(Commands.pipeline, 'pipeline', trans.__('Show Pipeline'));
    show(Commands.readiness, 'readiness', trans.__('Show Readiness'));
    show(Commands.deployment, 'deployment', trans.__('Show Deployment'));
    job(Commands.convert, 'convert', trans.__('Convert Notebook to Pipeline'));
    job(Commands.run, 'run', trans.__('Run Pipeline'));
    job(Commands.verify, 'verify', trans.__('Verify Pipeline'));
    add(Commands.underline, {
      label: trans.__('Underline Warnings in the Editor'),
      isToggleable: true,
      isToggled: () => warnings.isMarking,
      execute: () => warnings.set({ isMarking: !warnings.isMarking })
    });
    add(Commands.confirm, {
      label: trans.__('Confirm Warnings by Running'),
      isEnabled: () => active.panel !== null && jobs.running === null,
      execute: () => actions.confirmByRunning()
    });
    add(Commands.cancel, {
      label: trans.__('Cancel What Is at Work'),
      isEnabled: () => jobs.running !== null,
      execute: () => jobs.cancel()
    });
    add(Commands.acceptStages, {
      label: trans.__('Accept All Proposed Stages'),
      isEnabled: () => bench.stages.cutting.proposed,
      execute: () => actions.accept(bench.stages.cutting.stages)
    });
    add(Commands.release, {
      label: trans.__('Release This State…'),
      isEnabled: () => active.panel !== null && jobs.running === null,
      execute: () => actions.release()
    });
    jobs.stateChanged.connect(() => app.commands.notifyCommandChanged());
  }
};
