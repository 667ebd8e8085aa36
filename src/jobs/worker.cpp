#include <cicada/jobs/worker.hpp>

#include <jobs/node.hpp>

namespace cicada {

worker::worker(job_store store, worker_options options)
    : node_(std::make_unique<detail::node>(std::move(store), std::move(options))) {}
worker::worker(worker&&) noexcept = default;
worker& worker::operator=(worker&&) noexcept = default;
worker::~worker() = default;

task<> worker::run() { return node_->run(); }

worker_counts worker::counts() const noexcept { return node_->counts(); }

void worker::add_handler(std::string kind, detail::job_handler handler) {
    node_->add_handler(std::move(kind), std::move(handler));
}

} // namespace cicada
