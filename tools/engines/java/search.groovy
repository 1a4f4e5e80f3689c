// Starts an Elasticsearch node inside this process. Its own main class wants the launcher of the full distribution,
// which Maven Central does not have.
import java.nio.file.Path
import org.elasticsearch.common.logging.LogConfigurator
import org.elasticsearch.common.settings.Settings
import org.elasticsearch.node.InternalSettingsPreparer
import org.elasticsearch.node.Node
import org.elasticsearch.plugins.PluginsLoader

def home = Path.of(args[0])
LogConfigurator.registerErrorListener()
def settings = Settings.builder().put("path.home", home.toString()).build()
def environment = InternalSettingsPreparer.prepareEnvironment(settings, [:], home.resolve("config"), { "search" })
LogConfigurator.configure(environment, true)

def modules = PluginsLoader.loadModulesBundles(environment.modulesDir())
def node = new Node(environment, PluginsLoader.createPluginsLoader(modules, Set.of(), Map.of(), false))
Runtime.runtime.addShutdownHook(new Thread({ node.close() }))
node.start()
Thread.currentThread().join()
