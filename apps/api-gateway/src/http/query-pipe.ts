/** Query parameters and bodies of Nest routes: checked by their DTO; what it does not name is refused by name. */
import { ValidationPipe } from '@nestjs/common';
import { StatusError } from '@skyflow/apimachinery';
import type { StatusCause } from '@skyflow/contracts';
import type { ValidationError } from 'class-validator';

export const queryPipe = (): ValidationPipe =>
  new ValidationPipe({
    transform: true,
    whitelist: true,
    forbidNonWhitelisted: true,
    exceptionFactory: (errors) => {
      const causes = errors.flatMap((error) => causesOf(error));
      const text = causes.map(({ field = '', message }) => `${field}: ${message}`).join('; ');
      return new StatusError(400, 'BadRequest', text, { causes });
    },
  });

/** Of the field, and of those below it. */
function causesOf({ children = [], ...error }: ValidationError, path = ''): StatusCause[] {
  const below = children.flatMap((child) => causesOf(child, `${path}${error.property}.`));
  return error.constraints === undefined ? below : [causeOf(error, path), ...below];
}

function causeOf({ property, value, constraints }: ValidationError, path: string): StatusCause {
  const rules = Object.entries(constraints ?? {}).map(([rule, text]) =>
    rule === 'whitelistValidation' ? 'there is no such parameter' : text,
  );
  const shown = value === undefined ? '' : `invalid value ${JSON.stringify(value)}: `;
  return { reason: 'FieldValueInvalid', field: `${path}${property}`, message: `${shown}${rules.join(', ')}` };
}
