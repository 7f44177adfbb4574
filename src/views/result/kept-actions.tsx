/** @jsxImportSource hono/jsx */
import { FORM_ID } from '../form/form.tsx';
import type { HouseholdProps } from '../household.tsx';
import { NAME_CHARS, nameField } from '../kept.ts';

/** Gives each kept household a name, brings its figures back, or forgets it. */
export function KeptActions({ kept }: Pick<HouseholdProps, 'kept'>) {
  const button = (value: string, text: string, name: string) => (
    <button class="quiet" type="submit" form={FORM_ID} name="_do" value={value}>
      {text}
      <span class="visually-hidden"> {name}</span>
    </button>
  );
  return (
    <ul class="actions kept-households">
      {kept.map(({ slot, name }) => (
        <li id={`kept-${slot}`} class="actions">
          <label class="visually-hidden" for={`kept-name-${slot}`}>
            Name of {name}
          </label>
          <input
            id={`kept-name-${slot}`}
            class="kept-name"
            type="text"
            form={FORM_ID}
            name={nameField(slot)}
            value={name}
            maxlength={NAME_CHARS}
            autocomplete="off"
          />
          {button('rename', 'Rename', name)}
          {button(`restore-${slot}`, 'Bring back', name)}
          {button(`drop-${slot}`, 'Remove', name)}
        </li>
      ))}
    </ul>
  );
}
