#pragma once

namespace support {

/// What statfs(2) says of each file, in place of the truth. 0: the truth.
struct told_of {
    long kind = 0; // NFS_SUPER_MAGIC, ...
    bool is_full = false;
};
extern told_of told_of_file_systems;

} // namespace support
