import React from 'react';

export interface IButtonProps {
  label: string;
  onClick: () => void;
  title?: string;
  isAccented?: boolean;
  isDisabled?: boolean;
}

/** A button with a text. */
export function Button({ label, onClick, title, isAccented, isDisabled }: IButtonProps): React.ReactElement {
  const style = isAccented ? 'jp-mod-accept' : 'jp-mod-reject';
  return (
    <button
      type="button"
      className={`jp-Button jp-mod-styled ${style} jp-nb2prod-button`}
      disabled={isDisabled}
      title={title}
      onClick={onClick}
    >
      {label}
    </button>
  );
}
