#pragma once

#include <string>

namespace support {

/// Makes the file that a store of this version was, from stores/version-<n>.sql.
void make_stored(int version, const std::string& path);

} // namespace support
