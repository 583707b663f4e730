/** Ids of commands; the schemas name them in menus, toolbars and shortcuts. */
export const Commands = {
  warnings: 'nb2prod:show-warnings',
  pipeline: 'nb2prod:show-pipeline',
  readiness: 'nb2prod:show-readiness',
  deployment: 'nb2prod:show-deployment',
  underline: 'nb2prod:toggle-underlines',
  confirm: 'nb2prod:confirm-by-running',
  convert: 'nb2prod:convert',
  run: 'nb2prod:run',
  verify: 'nb2prod:verify',
  cancel: 'nb2prod:cancel',
  acceptStages: 'nb2prod:accept-stages',
  release: 'nb2prod:release',
  openFile: 'nb2prod:open-file'
} as const;
