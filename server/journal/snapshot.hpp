// The snapshot, a cache of the log's fold, and the fold itself from the files. Internal to
// journal/. Blocking; any thread.
#pragma once
#include <cstdint>
#include <string>

#include "journal/journal.hpp"

namespace thole {

// A session as its files tell it.
struct Folded {
    State state;
    Damage damage;         // of the whole log, also the part that the snapshot stands for
    std::int64_t end = 0;  // byte after the last whole line
};

// Writes it in one step, without `secrets`; one at a time.
Result<void> write_snapshot(const SessionFiles& files, const Folded& folded,
                            const Secrets& secrets);

// From the snapshot and the rest of the log when the two agree, else from the whole log. Errors:
// not_found, denied, io.
Result<Folded> fold_files(const SessionFiles& files);

}  // namespace thole
