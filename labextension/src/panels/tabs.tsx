import React from 'react';

export interface ITab {
  id: string;
  label: string;
  count?: number;
}

export interface ITabsProps {
  tabs: ITab[];
  current: string;
  label: string;
  onChoose: (id: string) => void;
}

const STEPS: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1 };

/** A row of tabs, with arrow keys. */
export function Tabs({ tabs, current, label, onChoose }: ITabsProps): React.ReactElement {
  const row = React.useRef<HTMLDivElement>(null);
  const move = (event: React.KeyboardEvent): void => {
    const step = STEPS[event.key];
    if (step) {
      const at = tabs.findIndex(tab => tab.id === current);
      const next = (at + step + tabs.length) % tabs.length;
      onChoose(tabs[next].id);
      (row.current?.children[next] as HTMLElement).focus();
      event.preventDefault();
    }
  };
  return (
    <div className="jp-nb2prod-tabs" role="tablist" aria-label={label} ref={row}>
      {tabs.map(tab => (
        <button
          key={tab.id}
          type="button"
          role="tab"
          id={`jp-nb2prod-tab-${tab.id}`}
          aria-controls={`jp-nb2prod-pane-${tab.id}`}
          aria-selected={tab.id === current}
          tabIndex={tab.id === current ? 0 : -1}
          onClick={() => onChoose(tab.id)}
          onKeyDown={move}
        >
          {tab.label}
          {!!tab.count && <span className="jp-nb2prod-count">{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}
