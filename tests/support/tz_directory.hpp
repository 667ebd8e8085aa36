#pragma once

/// A tz database of one's own: TZDIR is an empty directory for as long as this lives.

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <support/tzif_bytes.hpp>
#include <unistd.h>

namespace support {

class tz_directory {
public:
    tz_directory() {
        if (const char* was = std::getenv("TZDIR")) was_ = was;
        std::filesystem::create_directories(path);
        setenv("TZDIR", path.c_str(), 1);
    }
    tz_directory(const tz_directory&) = delete;
    tz_directory& operator=(const tz_directory&) = delete;
    ~tz_directory() {
        was_ ? setenv("TZDIR", was_->c_str(), 1) : unsetenv("TZDIR");
        std::filesystem::remove_all(path);
    }

    void write(const std::filesystem::path& name, const std::string& bytes) const {
        std::filesystem::create_directories((path / name).parent_path());
        std::ofstream(path / name, std::ios::binary | std::ios::trunc) << bytes;
    }
    /// A zone of the rule that the POSIX string says.
    void write_zone(const std::filesystem::path& name, const char* posix) const {
        tzif_bytes file;
        file.footer = posix;
        write(name, file.bytes());
    }

    const std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("cicada-tz-" + std::to_string(getpid()));

private:
    std::optional<std::string> was_;
};

} // namespace support
