#pragma once

#include <string>
#include <vector>

namespace cicada::app {

/// Rows as columns of text; numbers to the right. The first row is the heading.
class table {
public:
    explicit table(std::vector<std::string> heading) : rows_{std::move(heading)} {}
    void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }
    std::string text() const;

private:
    std::vector<std::vector<std::string>> rows_;
};

} // namespace cicada::app
