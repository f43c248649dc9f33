import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** USER_HZ is 100 on every Linux that Node runs on. */
const MS_PER_TICK = 10;

/** User and system time of all threads of the process so far; NaN where there is no /proc. */
export function cpuMs(pid: number): number {
  const stat = read(`${pid}/stat`);
  // The second field is the name in parentheses, and may itself hold spaces: count from behind it.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [userTicks, systemTicks] = [Number(fields[11] ?? NaN), Number(fields[12] ?? NaN)];
  return (userTicks + systemTicks) * MS_PER_TICK;
}

/** `VmRSS`: what is resident now. `VmHWM`: the most that ever was. NaN where there is no /proc. */
export function memoryMib(pid: number, field: 'VmRSS' | 'VmHWM'): number {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(read(`${pid}/status`))?.[1];
  return Number(kib ?? NaN) / 1024;
}

/** Starts to watch the machine; the function that it returns gives the part of all cores that others than these processes took since. */
export function watchOthers(pids: readonly number[]): () => number {
  const startedAt = performance.now();
  const others = () => busyMs() - pids.reduce((sum, pid) => sum + cpuMs(pid), 0);
  const before = others();
  return () => (others() - before) / ((performance.now() - startedAt) * cpus().length);
}

/** All time in which some core was not idle, time that the host took away included. */
function busyMs(): number {
  const [user, nice, system, _idle, _wait, interrupts, softInterrupts, stolen] = (/^cpu +(.*)$/m.exec(read('stat'))?.[1] ?? '')
    .split(' ')
    .map(Number);
  return [user, nice, system, interrupts, softInterrupts, stolen].reduce<number>((sum, ticks) => sum + (ticks ?? NaN), 0) * MS_PER_TICK;
}

function read(path: string): string {
  try {
    return readFileSync(`/proc/${path}`, 'utf8');
  } catch {
    // Not a Linux: the figures that need it are left out of the report.
    return '';
  }
}
