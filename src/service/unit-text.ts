/** What the units of one installation name. */
export interface Installation {
  /** Absolute path of the `node` that runs the program. */
  node: string;
  /** Absolute path of the program. */
  program: string;
}

export const SERVICE_UNIT = 'blockrun-openclaw-proxy.service';
export const SOCKET_UNIT = 'blockrun-openclaw-proxy.socket';

/** The settings of an installed service, in the form of `config/environment.example`. */
export const SYSTEM_SETTINGS = '/etc/blockrun-openclaw-proxy';
const USER_SETTINGS = '%h/.config/blockrun-openclaw-proxy';

/** As `npm start` has them. */
const NODE_FLAGS = '--max-old-space-size=512 --max-semi-space-size=8 --v8-pool-size=1';

const DESCRIPTION = 'Local OpenAI-compatible proxy that buys inference from BlockRun under a daily cap';

/**
 * `Type=notify`: it is started once the ledger is recovered and requests are served. The program's own messenger reports, hence
 * `NotifyAccess=all`. A stop waits for answers that are paid and still coming in; children get their signal from the program.
 */
const RUNNING = `Type=notify
NotifyAccess=all
WatchdogSec=60
TimeoutStartSec=120
TimeoutStopSec=120
KillMode=mixed
Restart=on-failure
RestartSec=2
UMask=0077
LimitCORE=0
MemoryMax=1G
TasksMax=128`;

/** A start that cannot succeed (a setting, the wallet) is given up instead of tried for ever. */
const UNIT_LIMITS = `StartLimitIntervalSec=300
StartLimitBurst=5`;

/** A service of the user's own, with the user's home directory: wallet, ledger and audit where they always are. */
export function userUnit({ node, program }: Installation): string {
  return `[Unit]
Description=${DESCRIPTION}
${UNIT_LIMITS}

[Service]
ExecStart=${quoted(node)} ${NODE_FLAGS} ${quoted(program)}
EnvironmentFile=-${USER_SETTINGS}/environment
${RUNNING}
NoNewPrivileges=yes

[Install]
WantedBy=default.target
`;
}

/**
 * A service of the machine under a user of its own, which systemd makes up for it, and with no more rights than it needs. V8 makes code at
 * run time, so memory may be written and executed (no `MemoryDenyWriteExecute`).
 */
export function systemUnit({ node, program }: Installation): string {
  return `[Unit]
Description=${DESCRIPTION}
Wants=network-online.target
After=network-online.target
${UNIT_LIMITS}

[Service]
ExecStart=${quoted(node)} ${NODE_FLAGS} ${quoted(program)}
EnvironmentFile=-${SYSTEM_SETTINGS}/environment
Environment=HOME=%S/blockrun-openclaw-proxy
Environment=BLOCKRUN_LEDGER_FILE=%S/blockrun-openclaw-proxy/ledger.json
Environment=BLOCKRUN_AUDIT_LOG=%S/blockrun-openclaw-proxy/audit.jsonl
WorkingDirectory=%S/blockrun-openclaw-proxy
LoadCredential=wallet.json:${SYSTEM_SETTINGS}/wallet.json
${RUNNING}
DynamicUser=yes
StateDirectory=blockrun-openclaw-proxy
StateDirectoryMode=0700
LimitNOFILE=8192

CapabilityBoundingSet=
NoNewPrivileges=yes
PrivateDevices=yes
PrivateMounts=yes
PrivateTmp=yes
PrivateUsers=yes
ProtectClock=yes
ProtectControlGroups=yes
ProtectHome=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectProc=invisible
ProcSubset=pid
ProtectSystem=strict
DevicePolicy=closed
LockPersonality=yes
RemoveIPC=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
SystemCallArchitectures=native
SystemCallErrorNumber=EPERM
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources

[Install]
WantedBy=multi-user.target
`;
}

/** systemd listens and keeps who calls waiting while the service restarts. In place of HOST and PORT. */
export function socketUnit(address: string): string {
  return `[Unit]
Description=${DESCRIPTION}: its address

[Socket]
ListenStream=${address}
NoDelay=yes

[Install]
WantedBy=sockets.target
`;
}

/** As a word of ExecStart= (systemd.service(5), "Command lines"; systemd.unit(5), "Specifiers"). */
function quoted(path: string): string {
  const escaped = path.replace(/[\\"]/g, '\\$&').replaceAll('%', '%%').replaceAll('$', '$$$$');
  return /^[\w./%@+-]+$/.test(path) ? escaped : `"${escaped}"`;
}
