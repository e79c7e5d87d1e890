// Keys of providers in files of their own, which nobody but their user can read: those that
// `api_key_file` names, and those that `thole login` has put away in <config>/keys/<provider> (0600
// in 0700). Blocking, small files; any thread.
#pragma once
#include <optional>
#include <string>

#include "base/result.hpp"

namespace thole {

// The key in a file. Errors: not_found, denied (others can read it), invalid_argument (there is no
// key in it), too_large, io.
Result<std::string> read_key(const std::string& file);

class KeyStore {
public:
    // `config_directory`: see config_directory() of session/config.hpp.
    explicit KeyStore(const std::string& config_directory)
        : directory_(config_directory + "/keys") {}

    // "": a provider of this name can have no file.
    std::string file(const std::string& provider) const;
    // nullopt: there is none. Errors: those of read_key.
    Result<std::optional<std::string>> key(const std::string& provider) const;
    // Errors: invalid_argument (the name makes no file, the key is empty or has blanks in it),
    // denied, io.
    Result<void> store(const std::string& provider, const std::string& key) const;
    // False: there was none. Errors: denied, io.
    Result<bool> remove(const std::string& provider) const;

private:
    std::string directory_;
};

}  // namespace thole
