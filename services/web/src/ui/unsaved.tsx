// SPDX-License-Identifier: Apache-2.0
// What somebody typed and has not saved is not lost by a slip: leaving it asks first, in the app and of the tab.
import { Button, Group, Modal, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { type ReactNode, useRef, useState } from 'react';
import { defineTexts } from '@/texts';

const { useTexts } = defineTexts('unsaved', {
  en: {
    title: 'Leave without saving?',
    hint: 'What you changed here is not saved yet.',
    stay: 'Stay',
    leave: 'Leave without saving',
  },
  de: {
    title: 'Ohne Speichern weiter?',
    hint: 'Was Sie hier geändert haben, ist noch nicht gespeichert.',
    stay: 'Hier bleiben',
    leave: 'Ohne Speichern weiter',
  },
});

interface QuestionProps {
  onStay: () => void;
  onLeave: () => void;
}

function Question({ onStay, onLeave }: QuestionProps) {
  const t = useTexts();
  return (
    <Modal opened onClose={onStay} title={t('title')} size="sm" zIndex={400}>
      <Text size="sm" mb="md">
        {t('hint')}
      </Text>
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={onLeave}>
          {t('leave')}
        </Button>
        <Button data-autofocus onClick={onStay}>
          {t('stay')}
        </Button>
      </Group>
    </Modal>
  );
}

export interface Guard {
  /** Closes what is guarded: at once, or when somebody has said that it may be lost. */
  leave: (go: () => void) => void;
  /** It was saved, and what is guarded closes: nothing is asked any more. */
  release: () => void;
  /** Stands beside what is guarded. */
  question: ReactNode;
}

interface GuardOptions {
  /** A dialog above a page: only another page leaves it, not another state of the same. */
  isDialog?: boolean;
}

/** `isUnsaved`: there is something that would be lost. */
export function useUnsaved(isUnsaved: boolean, { isDialog = false }: GuardOptions = {}): Guard {
  const isReleased = useRef(false);
  const [asked, setAsked] = useState<() => void>();
  const blocked = useBlocker({
    disabled: !isUnsaved,
    enableBeforeUnload: () => !isReleased.current,
    shouldBlockFn: ({ current, next }) =>
      !isReleased.current && !(isDialog && current.pathname === next.pathname),
    withResolver: true,
  });
  const stay = () => {
    setAsked(undefined);
    blocked.reset?.();
  };
  const goOn = () => {
    isReleased.current = true;
    asked?.();
    setAsked(undefined);
    blocked.proceed?.();
  };
  return {
    leave: (go) => (isUnsaved && !isReleased.current ? setAsked(() => go) : go()),
    release: () => {
      isReleased.current = true;
    },
    question: (asked || blocked.status === 'blocked') && <Question onStay={stay} onLeave={goOn} />,
  };
}
