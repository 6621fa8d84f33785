// SPDX-License-Identifier: Apache-2.0
import { formatNumber } from '@/ui/format';

const units = ['B', 'KB', 'MB', 'GB'];
export function formatBytes(bytes: number): string {
  let size = bytes;
  let unit = 0;
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit++;
  }
  return `${formatNumber(unit ? Math.round(size * 10) / 10 : size)} ${units[unit]}`;
}
