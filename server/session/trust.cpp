#include "session/trust.hpp"

#include "base/json.hpp"
#include "base/sha256.hpp"
#include "workspace/files.hpp"

namespace thole {
namespace {

constexpr std::size_t file_limit = 16 * 1024 * 1024;

// {"<workspace>":{"<path>":"<sha256>"}}; empty when there is no file.
Result<Json> read_trust(const std::string& file) {
    Result<std::string> text = read_file(file, file_limit);
    if (!text && text.error().code == Code::not_found) return Json(Json::object());
    if (!text) return text.error();
    Result<Json> json = parse_json(*text);
    if (json && json->is_object()) return json;
    return fail(Code::corrupt, "'" + file + "' holds no JSON object; remove it to begin anew");
}

}  // namespace

bool TrustedHashes::holds(const TrustedFile& file) const {
    auto found = hashes_.find(file.path);
    return file.fault.empty() && found != hashes_.end() &&
           found->second == sha256_hex(file.content);
}

TrustedHashes Trust::of(const std::string& workspace) const {
    TrustedHashes trusted;
    Result<Json> trust = read_trust(file_);
    if (!trust) return trusted;
    const Json& hashes = member(*trust, workspace);
    if (!hashes.is_object()) return trusted;
    for (const auto& [path, hash] : hashes.items()) {
        if (hash.is_string()) trusted.hashes_[path] = hash.get<std::string>();
    }
    return trusted;
}

bool Trust::holds(const std::string& workspace, const TrustedFile& file) const {
    return of(workspace).holds(file);
}

Result<void> Trust::set(const std::string& workspace, const std::vector<TrustedFile>& files) {
    Result<Json> trust = read_trust(file_);
    if (!trust) return trust.error();
    Json hashes = Json::object();
    for (const TrustedFile& file : files) {
        if (file.fault.empty()) hashes[file.path] = sha256_hex(file.content);
    }
    if (hashes.empty()) {
        trust->erase(workspace);
    } else {
        (*trust)[workspace] = std::move(hashes);
    }
    WriteOptions options;
    options.mode = 0600;
    options.keep_mode = false;
    options.exact_mode = true;
    options.replace_symlink = true;
    Result<void> made = make_private_directory(file_.substr(0, file_.rfind('/')));
    if (!made) return made;
    return write_file_atomically(file_, dump_json(*trust) + "\n", options);
}

}  // namespace thole
