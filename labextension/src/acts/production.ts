import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IActions } from '../actions';
import type { IEnvironment } from '../api/records';
import type { IWorkbench } from '../tokens';
import { confirm } from './asking';

type Acts = Pick<IActions, 'release' | 'deploy' | 'rollback'>;
const ENVIRONMENTS = ['production', 'staging', 'dev'];

/** Release, promote, roll back: each says first what will happen. */
export function productionActs(bench: IWorkbench, start: IActions['start'], trans: TranslationBundle): Acts {
  const championOf = (name: string): string | undefined =>
    bench.deployment.status?.environments.find(one => one.name === name)?.champion?.version;

  const release = async (): Promise<void> => {
    const text = trans.__(
      'The state of this commit becomes a new version: its code, data, parameters and model are bound by a git tag. Its gate is run first; a version that does not pass is not released.'
    );
    if ((await confirm(trans.__('Release this state?'), text, trans.__('Release'), trans)) !== null) {
      await start('release');
    }
  };

  const deploy = async (version: string): Promise<void> => {
    const known = bench.deployment.status?.environments.map(one => one.name) ?? [];
    const items = [...new Set([...ENVIRONMENTS, ...known])];
    const chosen = await InputDialog.getItem({ title: trans.__('Deploy %1 where?', version), items });
    if (!chosen.button.accept || !chosen.value) {
      return;
    }
    const environment = chosen.value;
    const before = championOf(environment);
    const text = before
      ? trans.__('%1 takes the place of %2 in %3. Predictions come from it from then on.', version, before, environment)
      : trans.__('%1 becomes the first version in %2.', version, environment);
    const title = trans.__('Promote %1 to %2?', version, environment);
    if ((await confirm(title, text, trans.__('Promote'), trans)) !== null) {
      await start('deploy', { version, environment });
    }
  };

  const rollback = async (environment: IEnvironment): Promise<void> => {
    const text = trans.__(
      'The version that was in %1 before %2 takes its place again, with its own code, libraries and schema. Nothing is deleted.',
      environment.name,
      environment.champion?.version ?? ''
    );
    const title = trans.__('Roll back %1?', environment.name);
    const because = await confirm(title, text, trans.__('Roll back'), trans, trans.__('Because'));
    if (because !== null) {
      await start('rollback', { environment: environment.name, because });
    }
  };

  return { release, deploy, rollback };
}
