#pragma once

/// By which rules of time zones the instants of each job were decided, as the rows tell it after
/// each write.

#include <map>

#include <model/cluster/history.hpp>

namespace cluster_model {

class zone_watch {
public:
    using rows = std::vector<cicada::detail::job_row>;

    /// Some machine goes by it.
    void know(std::shared_ptr<cicada::detail::tz_edition> one);
    /// Another step was taken, of one or more jobs.
    void see(const rows& all);
    /// Steps were lost.
    void see_what_is_left(const rows& all);

    /// As it was edited, by the rules that held.
    std::vector<version> versions(cicada::detail::job_id of,
                                  const std::vector<version>& edits) const;

private:
    /// Who took the step had other rules, and goes by them after the last instant that was decided;
    /// an edit that gives a job instants again, after itself.
    struct change {
        wall_time after;
        std::string zones;
        std::uint64_t revision;
    };
    struct job {
        std::vector<change> changes;
        wall_time decided{};
        bool has_instants = true;
    };
    static void note(job& one, const cicada::detail::job_row& row);

    std::map<cicada::detail::job_id, job> jobs_;
    std::map<std::string, std::shared_ptr<cicada::detail::tz_edition>> known_;
};

} // namespace cluster_model
