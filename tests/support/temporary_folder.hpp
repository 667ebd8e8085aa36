#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>

#include <stdlib.h>

namespace support {

/// In memory, where the machine has that: for what writes much, and is not about the disk.
inline std::filesystem::path fast_folders() {
    const std::filesystem::path memory = "/dev/shm";
    return std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path();
}

/// A folder of the test's own, which goes with all that is in it.
class temporary_folder {
public:
    explicit temporary_folder(
        const std::filesystem::path& in = std::filesystem::temp_directory_path()) {
        std::string path = in / "cicada-XXXXXX";
        if (!::mkdtemp(path.data())) throw std::runtime_error("no temporary folder");
        path_ = path;
    }
    temporary_folder(const temporary_folder&) = delete;
    temporary_folder& operator=(const temporary_folder&) = delete;
    ~temporary_folder() {
        std::error_code ignored;
        std::filesystem::permissions(path_, std::filesystem::perms::owner_all, ignored);
        std::filesystem::remove_all(path_, ignored);
    }

    const std::string& path() const noexcept { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

} // namespace support
