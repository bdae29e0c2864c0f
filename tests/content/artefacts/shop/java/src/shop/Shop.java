package shop;

/** A shop whose resources are packed into a jar as they are. */
public final class Shop {
    public static void main(String[] arguments) {
        System.out.println(Shop.class.getResource("/templates/order.txt"));
    }
}
