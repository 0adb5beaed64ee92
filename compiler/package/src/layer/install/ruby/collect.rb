# Prints what Bundler installed of a Gemfile, as JSON: a list of gems.
#
# Runs after target.rb with the environment of `bundle install`, offline.

require "json"

def below(root, directories)
  directories.flat_map { |directory| Dir.glob("#{directory}/**/*", base: root) }
end

gems = Bundler.definition.requested_specs.reject { |spec| spec.name == "bundler" }.map do |spec|
  source = case spec.source
           when Bundler::Source::Git then "git"
           when Bundler::Source::Path then "path"
           else "registry"
           end
  gem = {
    name: spec.name,
    version: spec.version.to_s,
    full_name: spec.full_name,
    source: source,
    directory: spec.full_gem_path,
    extensions: spec.extensions.any?,
    is_builtin: source == "registry" && !spec.loaded_from.to_s.start_with?(Bundler.bundle_path.to_s),
  }
  if source != "registry"
    # A gem from a directory is used as it lies there, files that git does not know yet included.
    files = (spec.files + below(spec.full_gem_path, spec.require_paths)).uniq
    gem[:files] = files.select { |file| File.file?(File.join(spec.full_gem_path, file)) }.sort
    gem[:specification] = spec.to_ruby
  end
  gem
end
puts JSON.generate(gems)
