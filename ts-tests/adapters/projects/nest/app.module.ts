import "reflect-metadata";
import { Body, Controller, Module, Post } from "@nestjs/common";

@Controller("orders")
class OrdersController {
  @Post()
  create(@Body() order: object): object {
    return order;
  }
}

@Module({ controllers: [OrdersController] })
export class AppModule {}
