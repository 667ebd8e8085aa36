#pragma once

/// Editions of the tz database that machines may be given: older than that of the process, or
/// newer, and each with other rules for the zones of the model.

#include <filesystem>
#include <vector>

namespace cluster_model {

/// Directories, which live as long as the process.
const std::vector<std::filesystem::path>& zone_editions();

} // namespace cluster_model
