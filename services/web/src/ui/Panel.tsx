// SPDX-License-Identifier: Apache-2.0
// A panel that opens below its button. Lists of choices and calendars of what stands in it open elsewhere on the
// page: pressing one of those does not close it, anything else outside does.
import { Popover, type PopoverProps } from '@mantine/core';
import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';

interface PanelProps extends Pick<PopoverProps, 'width'> {
  opened: boolean;
  setOpened: (is: boolean) => void;
  button: ReactElement;
  className?: string | undefined;
  children: ReactNode;
}

export function Panel({ opened, setOpened, width, button, className, children }: PanelProps) {
  const root = useRef<HTMLDivElement>(null);
  const close = useRef(() => setOpened(false));
  close.current = () => setOpened(false);
  useEffect(() => {
    if (!opened) return undefined;
    const press = ({ target }: PointerEvent) => {
      if (!(target instanceof Element) || target.closest('[data-portal]')) return;
      if (!root.current?.contains(target)) close.current();
    };
    document.addEventListener('pointerdown', press);
    return () => document.removeEventListener('pointerdown', press);
  }, [opened]);
  return (
    <div ref={root}>
      <Popover
        opened={opened}
        onChange={setOpened}
        width={width}
        position="bottom-end"
        trapFocus
        closeOnClickOutside={false}
      >
        <Popover.Target>{button}</Popover.Target>
        <Popover.Dropdown className={className}>{children}</Popover.Dropdown>
      </Popover>
    </div>
  );
}
