import { InputDialog, Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IActions } from '../actions';
import type { Ask } from '../api/client';
import type { IDiagnosticRecord } from '../api/records';
import type { IWorkbench } from '../tokens';
import { acceptDiff } from './asking';
import { apply, cellOf, locked, replace } from './edits';
import { goTo, jump } from './places';
import { tellTrouble } from './telling';

type Acts = Pick<
  IActions,
  'jump' | 'goTo' | 'fix' | 'ignore' | 'confirmByRunning' | 'readRule' | 'pageOf' | 'titleOf'
>;

/** What can be done about warnings. */
export function warningActs(bench: IWorkbench, ask: Ask, trans: TranslationBundle): Acts {
  const pages = new Map<string, string>();
  const { active, warnings } = bench;

  const fix = async (one: IDiagnosticRecord): Promise<void> => {
    const mended = await warnings.mended(one);
    const model = active.panel!.context.model;
    if (locked(model, mended).length) {
      Notification.warning(trans.__('The fix would change a cell that is locked.'), { autoClose: 5000 });
      return;
    }
    if (!(await acceptDiff(mended, trans))) {
      return;
    }
    const undo = apply(model, mended);
    Notification.success(trans.__('Fixed: %1', mended.title), {
      autoClose: 8000,
      actions: [{ label: trans.__('Undo'), callback: undo }]
    });
  };

  const ignore = async (one: IDiagnosticRecord): Promise<void> => {
    const here = trans.__('This warning only: a comment in the cell');
    const everywhere = trans.__('The rule %1 in the whole project: in pyproject.toml', one.code);
    const where = await InputDialog.getItem({ title: trans.__('Ignore %1', one.code), items: [here, everywhere] });
    if (where.value === everywhere) {
      const done = await warnings.ignored(one, { everywhere: true });
      Notification.info(trans.__('%1 ignores %2 from now on', done.file, one.code), { autoClose: 5000 });
      await warnings.refresh();
    } else if (where.value === here) {
      await ignoreHere(one);
    }
  };

  const ignoreHere = async (one: IDiagnosticRecord): Promise<void> => {
    const reason = await InputDialog.getText({ title: trans.__('Why may it stay?'), okLabel: trans.__('Ignore') });
    const cell = cellOf(active.panel!.context.model, one.cell_id);
    if (reason.button.accept && cell) {
      const source = cell.sharedModel.getSource();
      const done = await warnings.ignored(one, { source, kind: cell.type, reason: reason.value ?? '' });
      replace(cell, done.source);
    }
  };

  return {
    jump: one => jump(active.panel, one),
    goTo: async id => void (await goTo(active.panel, id)),
    fix: one => fix(one).catch(tellTrouble),
    ignore: one => ignore(one).catch(tellTrouble),
    confirmByRunning: () => {
      const save = active.panel!.context.save();
      save.then(() => bench.jobs.start('check')).catch(tellTrouble);
    },
    readRule: async code => {
      const answer = await ask<{ rules: { page: string }[] }>('GET', 'rules', { code });
      pages.set(code, answer.rules[0]?.page ?? '');
      warnings.set({});
    },
    pageOf: code => pages.get(code) ?? '',
    titleOf: (key, first) => (warnings.grouping === 'rule' ? key : trans.__('Cell %1', first.cell_index + 1))
  };
}
