// Starts the proxy as its own main class does, but on one address: version 5.1.0 can only listen on all of them.
import io.netty.bootstrap.ServerBootstrap
import org.apache.shardingsphere.proxy.config.ProxyConfigurationLoader
import org.apache.shardingsphere.proxy.frontend.ShardingSphereProxy
import org.apache.shardingsphere.proxy.initializer.BootstrapInitializer

def (host, port, configuration) = args
new BootstrapInitializer().init(ProxyConfigurationLoader.load(configuration), port as int)
def proxy = new ShardingSphereProxy()
def bootstrap = new ServerBootstrap()
proxy.createEventLoopGroup()
proxy.initServerBootstrap(bootstrap)
proxy.accept(bootstrap.bind(host, port as int).sync())
