// spdlog and fmt are used from their headers alone, so that the program needs neither at run time.
#define FMT_HEADER_ONLY
#include "base/log.hpp"

#include <fcntl.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

namespace thole {

namespace {

spdlog::level::level_enum level_of(LogLevel level) {
    switch (level) {
        case LogLevel::off:
            return spdlog::level::off;
        case LogLevel::warn:
            return spdlog::level::warn;
        case LogLevel::info:
            return spdlog::level::info;
        case LogLevel::debug:
            return spdlog::level::debug;
    }
    return spdlog::level::off;
}

// spdlog would make it readable for all.
bool make_private_file(const std::string& path) {
    int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0) return false;
    ::close(fd);
    return true;
}

spdlog::sink_ptr sink_for(const std::string& file) {
    if (file.empty()) return std::make_shared<spdlog::sinks::stderr_sink_mt>();
    if (!make_private_file(file)) return nullptr;
    return std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);
}

}  // namespace

struct Log::Impl {
    spdlog::logger logger;
    Impl(spdlog::sink_ptr sink, LogLevel level) : logger("thole", std::move(sink)) {
        logger.set_level(level_of(level));
        logger.flush_on(spdlog::level::debug);
        logger.set_pattern("%Y-%m-%dT%H:%M:%S.%e%z %P %l %v");
    }
    void write(spdlog::level::level_enum level, std::string_view message) {
        logger.log(level, spdlog::string_view_t(message.data(), message.size()));
    }
};

Log::Log() = default;
Log::~Log() = default;
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;

Log::Log(LogLevel level, const std::string& file) {
    if (level == LogLevel::off) return;
    try {
        if (spdlog::sink_ptr sink = sink_for(file)) impl_ = std::make_unique<Impl>(sink, level);
    } catch (const std::exception&) {
        // Stays silent, as the header says.
    }
}

void Log::warn(std::string_view message) {
    if (impl_) impl_->write(spdlog::level::warn, message);
}
void Log::info(std::string_view message) {
    if (impl_) impl_->write(spdlog::level::info, message);
}
void Log::debug(std::string_view message) {
    if (impl_) impl_->write(spdlog::level::debug, message);
}

}  // namespace thole
