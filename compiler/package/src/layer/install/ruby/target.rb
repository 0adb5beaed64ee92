# Makes Bundler resolve and install for the Ruby and the machine of a function, which are not those it runs on.
#
# Loaded before Bundler's own program. In the environment: TC_RUBY, the target's `X.Y`; TC_PLATFORM, its platform as
# RubyGems spells it; TC_LOCK, the lock to read and write, so that none is written beside the Gemfile; TC_EXTENSIONS, a
# file that takes the gems whose extensions are not compiled because this is another Ruby, or empty to compile them.

require "bundler"
require "rubygems/ext"
require "pathname"

module TcTarget
  RUBY = ENV.fetch("TC_RUBY")
  # The patch level of Lambda's Ruby changes without notice, so the newest is assumed.
  VERSION = Gem::Version.new("#{RUBY}.99")

  module Compiler
    def build_extensions
      return if @spec.extensions.empty?

      File.write(ENV.fetch("TC_EXTENSIONS"), "#{@spec.name} #{@spec.version}\n", mode: "a")
    end
  end

  module Lock
    def default_lockfile
      Pathname.new(ENV.fetch("TC_LOCK"))
    end
  end

  # `ruby "3.3.4"` in a Gemfile is met by any 3.3: which patch level Lambda runs is not the author's to choose.
  module AnyPatch
    def diff(_running)
      wanted = Gem::Requirement.new(versions)
      return if (0..99).any? { |patch| wanted.satisfied_by?(Gem::Version.new("#{RUBY}.#{patch}")) }

      [:version, versions.join(", "), RUBY]
    end
  end
end

Gem.define_singleton_method(:ruby_version) { TcTarget::VERSION }
Gem::Platform.instance_variable_set(:@local, Gem::Platform.new(ENV.fetch("TC_PLATFORM")))
Gem.platforms = [Gem::Platform::RUBY, Gem::Platform.local]
Bundler::SharedHelpers.singleton_class.prepend(TcTarget::Lock)
Bundler::RubyVersion.define_singleton_method(:system) do
  @tc_system ||= new(TcTarget::VERSION.to_s, nil, "ruby", nil)
end
Bundler::RubyVersion.prepend(TcTarget::AnyPatch)
Gem::Ext::Builder.prepend(TcTarget::Compiler) unless ENV.fetch("TC_EXTENSIONS").empty?
