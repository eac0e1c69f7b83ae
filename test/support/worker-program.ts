import 'reflect-metadata';
import { Controller, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Lease, Lockable, LockedTask, LockerModule } from 'nestjs-datastore-locker';

/** An application in a process of its own: `node … worker-program.ts PORT`, with the emulator in its environment. */
const port = Number(process.argv[2]);

class Job extends Lockable {
  static readonly kind = 'Job';
}

@Controller('tasks')
class JobTasks {
  @LockedTask('one', Job)
  async heedsItsSignal(_: Job, lease: Lease) {
    console.log('heeds its signal');
    await new Promise((resolve) => lease.signal.addEventListener('abort', resolve));
  }

  @LockedTask('two', Job)
  async ignoresItsSignal() {
    console.log('ignores its signal');
    await new Promise((resolve) => setTimeout(resolve, 3_600_000));
  }
}

@Module({
  imports: [
    LockerModule.forRoot({
      target: { baseUrl: `http://127.0.0.1:${port}` },
      guard: 'none',
      location: 'europe-west1',
      projectId: 'test-project',
      sweep: false,
      shutdownTimeout: '500ms',
      beginOnRead: process.env['LOCKER_BEGIN_ON_READ'] !== 'false',
    }),
  ],
  controllers: [JobTasks],
})
class WorkerModule {}

const app = await NestFactory.create(WorkerModule, { logger: ['error', 'warn'] });
app.enableShutdownHooks();
await app.listen(port, '127.0.0.1');
console.log('listening');
