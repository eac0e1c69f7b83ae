import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  fromJSON,
  type MessageTypeDefinition,
  type PackageDefinition,
  type ServiceDefinition,
} from '@grpc/proto-loader';
import { neededOf } from './needed-protos.js';

const require = createRequire(import.meta.url);

/** How Google's clients decode: 64-bit integers and enums as strings, bytes as Buffers, defaults filled in. */
const shapes = { keepCase: false, longs: String, enums: String, defaults: true, oneofs: true };

/** Google's own protos, one set an API, as the installed client ships them. */
export class Protos {
  /** Of `google.datastore.v1`. */
  static datastore(): Protos {
    return new Protos(load('@google-cloud/datastore', ['@google-cloud/datastore-api']));
  }

  /** Of `google.cloud.tasks.v2`. */
  static tasks(): Protos {
    return new Protos(load('@google-cloud/tasks', []));
  }

  private constructor(private readonly definitions: PackageDefinition) {}

  /** A service by its full name, such as `google.datastore.v1.Datastore`. */
  service(name: string): ServiceDefinition {
    const found = this.definitions[name];
    if (!found || 'format' in found)
      throw new Error(`The installed client has no service ${name}.`);
    return found;
  }

  /** A message type by its full name, such as `google.datastore.v1.Entity`. */
  message<T extends object, Input extends object = T>(
    name: string,
  ): MessageTypeDefinition<Input, T> {
    const found = this.definitions[name];
    if (!found || !('serialize' in found))
      throw new Error(`The installed client has no message ${name}.`);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the proto decides the shape; the caller names it
    return found as unknown as MessageTypeDefinition<Input, T>;
  }
}

/** Datastore's protos moved from the client to its generated half in version 11.1. */
function load(client: string, generatedHalves: string[]): PackageDefinition {
  const fromClient = createRequire(require.resolve(client));
  for (const owner of [...generatedHalves, client]) {
    const json = protosOf(owner, fromClient);
    if (json) return definitionsIn(json);
  }
  throw new Error(`${client} is installed, but its protos were not found beside it.`);
}

/** Other versions of the clients may need more of their protos. */
function definitionsIn(json: object): PackageDefinition {
  try {
    return fromJSON(neededOf(json), shapes);
  } catch {
    return fromJSON(json, shapes);
  }
}

function protosOf(owner: string, fromClient: NodeJS.Require): object | undefined {
  try {
    const [root] = fromClient.resolve(owner).split(/(?<=[/\\]build)[/\\]/);
    // oxlint-disable-next-line typescript/no-unsafe-return -- a JSON file of the client's
    return fromClient(join(root ?? '', 'protos', 'protos.json'));
  } catch {
    return undefined;
  }
}
