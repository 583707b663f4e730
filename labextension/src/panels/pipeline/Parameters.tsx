import React from 'react';
import type { IActions } from '../../actions';
import type { IParameterView } from '../../api/records';
import { Button } from '../../components/Button';
import { useWords } from '../../components/context';
import { shown, valueOf } from './values';

export interface IParametersProps {
  parameters: IParameterView[];
  actions: IActions;
  isBusy: boolean;
}

/** A form for params.yaml: each field knows its type. */
export function Parameters({ parameters, actions, isBusy }: IParametersProps): React.ReactElement {
  const trans = useWords();
  const [typed, setTyped] = React.useState<Record<string, string>>({});
  if (!parameters.length) {
    return <p className="jp-nb2prod-hint">{trans.__('Tag a cell “parameters” and convert again to have some.')}</p>;
  }
  const textOf = (one: IParameterView): string => typed[one.name] ?? shown(one.value);
  const changed = parameters.filter(one => textOf(one) !== shown(one.value));
  const values = Object.fromEntries(changed.map(one => [one.name, valueOf(one, textOf(one))]));
  const isWrong = Object.values(values).includes(undefined);
  const write = async (andRun: boolean): Promise<void> => {
    if (await actions.writeParameters(values, andRun)) {
      setTyped({});
    }
  };
  return (
    <form onSubmit={event => event.preventDefault()}>
      {parameters.map(one => (
        <label key={one.name} className="jp-nb2prod-field">
          <span>
            {one.name} <span className="jp-nb2prod-hint">{one.type}</span>
          </span>
          <input
            className="jp-mod-styled"
            value={textOf(one)}
            aria-invalid={valueOf(one, textOf(one)) === undefined}
            onChange={event => setTyped({ ...typed, [one.name]: event.target.value })}
          />
        </label>
      ))}
      <div className="jp-nb2prod-row">
        <Button
          label={trans.__('Write params.yaml')}
          isDisabled={!changed.length || isWrong}
          onClick={() => void write(false)}
        />
        <Button
          label={trans.__('Write and run')}
          isAccented
          isDisabled={!changed.length || isWrong || isBusy}
          onClick={() => void write(true)}
        />
      </div>
    </form>
  );
}
