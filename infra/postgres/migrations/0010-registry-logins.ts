// A registry's login belongs to its host. What was said without one is dropped: for which of a stack's registries it was
// meant stands nowhere.
import { Migration } from '@mikro-orm/migrations';

export class RegistryLogins extends Migration {
  override up(): void {
    this.addSql(`update stacks set settings = settings #- '{images,credential}'
      where jsonb_exists(settings->'images', 'credential')`);
  }
}
