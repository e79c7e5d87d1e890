// A session as a document for people (Markdown: the conversation with its tools, diffs, plan, tasks
// and costs) or for programs (JSON: {"schema_version":1,"session":{…},"events":[…]}, the events as
// lines of the log with long texts inside). Made piece by piece, so that a session of any size
// needs little memory. Blocking; any thread; one owner. Changes nothing on disk but in
// export_to_file().
#pragma once
#include <memory>
#include <string>

#include "journal/journal.hpp"
#include "journal/secrets.hpp"

namespace thole {

enum class ExportFormat { markdown, json };

class Export {
public:
    // `secrets` must outlive it. Errors: those of inspect_session.
    static Result<std::unique_ptr<Export>> open(SessionFiles files, ExportFormat format,
                                                const Secrets& secrets);
    ~Export();

    // The next piece, some hundred KiB or one long event; "" at the end. Errors: of read_log.
    Result<std::string> next();

private:
    struct Impl;
    explicit Export(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

// Writes Markdown to exports/<id>.md beside the folder of the sessions (0600, replaced in one
// step) and gives its path. Errors: as Export; denied, io.
Result<std::string> export_to_file(SessionFiles files, const Secrets& secrets);

}  // namespace thole
